"""Promises of what is told about images: what they hold and where they come from, the same every time."""

import json
from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform.attest import provenance, sbom
from dataops.platform.attest.contents import read_parts
from dataops.platform.images import layout as layouts
from tests.unit.platform.attested import NAME, checkout, published


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a published image lies."""
    return published(tmp_path, monkeypatch)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with one image, in one commit."""
    return checkout(tmp_path)


def test_an_image_tells_what_it_holds(layout: Path) -> None:
    parts = read_parts(layout, NAME)
    assert [str(part.url) for part in parts] == [
        "pkg:deb/debian/bash@5.2.15-2%2Bb8?arch=amd64",
        "pkg:generic/openjdk/openjdk@17.0.1",
        "pkg:maven/nameless@2.0",
        "pkg:maven/org/a@1.0",
        "pkg:npm/%40types/node@2.0.0",
        "pkg:pypi/py-yaml@6",
    ]
    assert [str(one.url) for one in parts[3].inside] == ["pkg:maven/org/b@1.0"]


def test_the_list_is_cyclonedx_of_this_image_and_the_same_every_time(layout: Path, tmp_path: Path) -> None:
    digest = layouts.digest(layout, NAME) or ""
    for file in ("one", "two"):
        sbom.write("spark:1", digest, read_parts(layout, NAME), 5, tmp_path / file)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sbom.problem(tmp_path / "one", digest) is None
    assert "lists another image" in (sbom.problem(tmp_path / "one", "sha256:" + "0" * 64) or "")
    content = json.loads((tmp_path / "one").read_text())
    (tmp_path / "one").write_text(json.dumps({**content, "components": [{"type": "no such type", "name": "x"}]}))
    assert "is no CycloneDX" in (sbom.problem(tmp_path / "one", digest) or "")
    (tmp_path / "one").write_text(json.dumps({**content, "components": [], "dependencies": []}))
    assert sbom.problem(tmp_path / "one", digest) == "lists nothing"


def test_what_no_commit_holds_is_not_signed(root: Path, tmp_path: Path) -> None:
    assert len(provenance.commit(root)) == 40
    (root / "locks/spark.txt").write_text("pyspark==2\n")
    with pytest.raises(UserError, match="holds changes that no commit has: commit them"):
        provenance.commit(root)
    with pytest.raises(UserError, match="is no Git checkout"):
        provenance.commit(tmp_path)
