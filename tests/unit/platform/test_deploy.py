"""A deploy is refused before anything is touched, not half-way."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from dataops.errors import UserError
from dataops.platform import deploy, helm
from dataops.platform.environment import load_environment
from tests.unit.platform.test_guard import kubeconfig

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a deploy has done so far."""
    found: list[str] = []
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("CLUSTER", raising=False)
    monkeypatch.setattr(deploy, "ensure_tool", lambda name: found.append(name))
    monkeypatch.setattr(deploy, "image_tags", lambda *_: {})
    monkeypatch.setattr(deploy, "prepare", lambda *_: found.append("secrets"))
    monkeypatch.setattr("dataops.platform.images.build", lambda *_: found.append("images"))
    return found


def test_a_mistyped_value_of_the_last_chart_stops_it_before_the_cluster_is_started(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def template(chart: Any, *_: Any) -> str:
        if chart.name == "jupyterhub":
            raise UserError("chart jupyterhub cannot be rendered")
        return ""

    monkeypatch.setattr(helm, "template", template)
    monkeypatch.setattr(deploy, "_cluster", lambda *_: done.append("cluster"))
    with pytest.raises(UserError, match="chart jupyterhub cannot be rendered"):
        deploy.deploy(ROOT, load_environment(ROOT, "local"))
    assert done == ["helm"]


def test_a_foreign_kubeconfig_stops_it_before_tools_are_built(
    done: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "other", "https://production.example:6443")))
    with pytest.raises(UserError, match="production.example.*which is not the cluster `make cluster` made"):
        deploy.deploy(ROOT, load_environment(ROOT, "local"))
    assert done == []


def test_an_unknown_cluster_stops_it_before_tools_are_built(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUSTER", "Current")
    monkeypatch.setattr(helm, "template", lambda *_: "")
    monkeypatch.setattr(deploy, "_cluster", lambda *_: pytest.fail("another cluster would be used"))
    with pytest.raises(UserError, match="^CLUSTER=Current is unknown: choose one of current, kind, node$"):
        deploy.deploy(ROOT, load_environment(ROOT, "local"))
    assert done == []


def test_a_cluster_that_does_not_start_ends_it_with_the_clusters_own_sentence(
    done: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(helm, "template", lambda *_: "")
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1))
    with pytest.raises(SystemExit) as ended:
        deploy.deploy(ROOT, load_environment(ROOT, "local"))
    assert ended.value.code == 1 and done == ["helm"] and capsys.readouterr().err == ""
