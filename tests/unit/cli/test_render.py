"""`make render`: twice the same bytes, by digest where a registry answers, with a word where nobody could be asked."""

import re
import sys
from pathlib import Path

import pytest

from dataops import cli
from dataops.errors import UserError
from dataops.platform import registry

SITE = """
global:
  registry: registry.site.test/dataops
  domain: apps.site.test
  s3: {endpointUrl: "https://s3.site.test"}
  database: {host: postgres.site.test}
  apiServer: {url: "https://api.site.test:6443"}
  egress:
    apiServer: [{ipBlock: {cidr: 10.1.0.0/28}}]
    s3: [{ipBlock: {cidr: 10.2.0.10/32}}]
    database: [{ipBlock: {cidr: 10.2.0.20/32}}]
"""


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FACTS", "REGISTRY", "TAG", "ENV"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place whose facts are all filled in."""
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    monkeypatch.setenv("FACTS", str(tmp_path / "site.yaml"))


def render(out: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What is written for ENV=openshift, by file."""
    monkeypatch.setattr(sys, "argv", ["dataops", "render", "--env", "openshift", "--out", str(out)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    return {path.name: path.read_bytes() for path in out.iterdir()}


def images(files: dict[str, bytes]) -> list[str]:
    """What each container is made from, as it stands after the registry."""
    return re.findall(r"image: \"?registry\.\w+\.\w+/dataops/([^\"\s]+)", b"".join(files.values()).decode())


@pytest.mark.usefixtures("site")
def test_digests_where_the_registry_answers_and_twice_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "digest", lambda reference: f"sha256:{len(reference):064x}")
    first, second = (render(tmp_path / name, monkeypatch) for name in ("first", "second"))
    assert first == second and len(first) == 5
    assert images(first) and all(re.fullmatch(r"[a-z]+@sha256:[0-9a-f]{64}", one) for one in images(first))
    assert capsys.readouterr().err == ""


def test_the_form_is_rendered_by_tag_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "digest", lambda reference: pytest.fail("a registry of nobody was asked"))
    first, second = (render(tmp_path / name, monkeypatch) for name in ("first", "second"))
    assert first == second and images(first) and all(":" in one and "@" not in one for one in images(first))
    note = capsys.readouterr().err.splitlines()[0]
    assert note.startswith("note: this is to look at, not to install, images by tag because no registry can be asked")
    assert "openshift.yaml still holds 8 example(s): global.registry registry.example.com/dataops, " in note


def test_what_another_place_had_and_this_one_has_not_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("local-services.yaml", "kustomization.yaml"):
        (tmp_path / name).write_text("{}")
    assert {"local-services.yaml", "kustomization.yaml"} & set(render(tmp_path, monkeypatch)) == {"kustomization.yaml"}


@pytest.mark.usefixtures("site")
def test_a_registry_that_refuses_ends_it_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def digest(reference: str) -> str:
        raise UserError(f"registry registry.site.test, asked for {reference}, refuses you: sign in")

    monkeypatch.setattr(registry, "digest", digest)
    monkeypatch.setattr(sys, "argv", ["dataops", "render", "--env", "openshift", "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == 1 and line.startswith("error: registry registry.site.test, asked for ")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("mine")
    monkeypatch.setattr(sys, "argv", ["dataops", "render", "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = f"error: OUT={tmp_path}/out cannot be written (File exists): name a folder of yours\n"
    assert ended.value.code == 1 and capsys.readouterr().err == said
