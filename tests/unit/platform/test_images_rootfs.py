"""What `base` starts from: one name everywhere, made here where that is possible."""

from pathlib import Path

import pytest

from dataops.platform import packages
from dataops.platform.images import rootfs

VERSIONS = {"DEBIAN_RELEASE": "bookworm", "IMAGES_DATE": "2026-01-31"}


def put(folder: Path, name: str, code: int) -> None:
    (folder / name).write_text(f"#!/bin/sh\nexit {code}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BASE_IMAGE", raising=False)
    return tmp_path


def test_the_name_is_the_same_before_and_after_mmdebstrap_is_installed(programs: Path) -> None:
    before = rootfs.base_image(VERSIONS)
    put(programs, "mmdebstrap", 0)
    assert rootfs.base_image(VERSIONS) == before


def test_another_release_has_another_name(programs: Path) -> None:
    assert rootfs.base_image(VERSIONS) != rootfs.base_image({**VERSIONS, "DEBIAN_RELEASE": "trixie"})


def test_a_named_image_is_taken_as_it_is(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_IMAGE", "registry.example.com/debian:12")
    named = rootfs.base_image(VERSIONS)
    assert rootfs.provide(named, VERSIONS, "docker") == named == "registry.example.com/debian:12"


def test_debians_own_image_where_no_rootfs_can_be_made(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(programs, "docker", 1)  # has no such image
    monkeypatch.setattr(packages, "can_install", lambda: False)
    start = rootfs.provide(rootfs.base_image(VERSIONS), VERSIONS, "docker")
    assert start == "docker.io/library/debian:bookworm-slim"
