"""Promises of the builder towards engines: which is taken, and what reaches a build without entering an image."""

from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform import images_engine
from dataops.platform.images_recipe import Recipe


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing but a folder; tests put engines there that write down what they were asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("DATAOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ENGINE", raising=False)
    return folder


def put(folder: Path, name: str, code: int = 0) -> Path:
    """Make a program that writes its arguments and the secrets it was given into a file."""
    asked = folder / f"{name}.asked"
    script = f'#!/bin/bash\nprintf "%s\\n" "$@" >"{asked}"\n'
    script += (
        'for word; do case "$word" in id=network,src=*) /bin/cp "${word#*src=}" "'
        + str(folder)
        + '/network";; esac; done\n'
    )
    (folder / name).write_text(f"{script}exit {code}\n")
    (folder / name).chmod(0o755)
    return asked


def test_unknown_engine_is_refused_with_the_choice(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE", "nerdctl")
    with pytest.raises(UserError, match="ENGINE is 'nerdctl': use ENGINE=docker"):
        images_engine.choose_engine()


def test_absent_engine_is_refused(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE", "podman")
    with pytest.raises(UserError, match="ENGINE=podman is not installed"):
        images_engine.choose_engine()


def test_engine_is_what_is_there(programs: Path) -> None:
    put(programs, "podman")
    assert images_engine.choose_engine() == "podman"
    put(programs, "buildah")
    assert images_engine.choose_engine() == "buildah"


def test_docker_without_buildx_is_passed_over(programs: Path) -> None:
    put(programs, "docker", code=1)
    put(programs, "buildah")
    assert images_engine.choose_engine() == "buildah"


def build(programs: Path, engine: str) -> list[str]:
    """Build an image with a recording engine and return the arguments it got."""
    asked = put(programs, engine)
    recipe = Recipe("spark-runtime", Path("images/spark/Dockerfile"), "runtime", ())
    images_engine.build_image(engine, Path("."), recipe, "localhost/dataops/spark-runtime:1", {"BASE": "b:1"})
    return asked.read_text().splitlines()


@pytest.mark.parametrize("engine", images_engine.ENGINES)
def test_ca_and_mirrors_reach_the_build_as_secrets_only(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_text("certificate")
    monkeypatch.setenv("BUILD_CA", str(bundle))
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:it's@mirror.example/simple")
    words = build(programs, engine)
    assert f"id=ca,src={bundle}" in words
    assert (programs / "network").read_text() == "PIP_INDEX_URL='https://user:it'\\''s@mirror.example/simple'\n"
    assert not any("mirror.example" in word for word in words)
    assert ["--target", "runtime"] == words[words.index("--target") :][:2]


def test_build_ca_none_means_none(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILD_CA", "none")
    assert not any(word.startswith("id=ca") for word in build(programs, "podman"))


def test_wrong_build_ca_is_named(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILD_CA", "/nowhere.pem")
    with pytest.raises(UserError, match="BUILD_CA=/nowhere.pem is not a file"):
        build(programs, "podman")
