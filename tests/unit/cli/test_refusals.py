"""What the command says to a word it does not know, and to a cluster that is lost on the way."""

import sys
from pathlib import Path
from typing import Any

import pytest
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from dataops import cli
from dataops.cli import app as commands
from dataops.cli.place import Place
from dataops.errors import UserError
from dataops.platform import deploy, guard, helm, packages, plan

FORBIDDEN = ApiException(status=403, reason="Forbidden")
FORBIDDEN.body = '{"message": "secrets is forbidden: User \\"eve\\" cannot list resource \\"secrets\\""}'


@pytest.fixture
def touched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a command would have touched, had it not been refused before."""
    found: list[str] = []
    monkeypatch.setattr(Place, "cluster", lambda self: found.append("cluster"))
    monkeypatch.setattr(deploy, "_cluster", lambda *_: pytest.fail("a cluster would be started"))
    monkeypatch.setattr(packages, "install", lambda *names: found.append("packages"))
    for name in ("KUBECONFIG", "CLUSTER", "ENGINE", "SMOKE", "ENV"):
        monkeypatch.delenv(name, raising=False)
    return found


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line on stderr of a command that fails."""
    monkeypatch.setattr(sys, "argv", ["dataops", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("status --env moon", "ENV=moon is unknown: choose one of local, openshift"),
        ("status --env ../moon", "ENV=../moon is unknown: choose one of local, openshift"),
        ("deploy --chart foo", "foo is no chart of ENV=local: choose one of local-services, platform, spark,"),
        ("images build foo --engine lxc", "there is no image 'foo': choose from airflow, base,"),
        ("images build base --engine lxc", "ENGINE=lxc is unknown: choose one of docker, buildah, podman"),
        ("push", "ENV=local pulls no images, `make deploy` loads them: name another, e.g. ENV=openshift"),
        ("bundle install", "ENV=local pulls no images, `make deploy` loads them: name another, e.g. ENV=openshift"),
        ("bundle verify --bundle nowhere", "nowhere is no bundle, bundle.json is not in it: name one that"),
        ("smoke --check foo", "foo is no check: choose one of s3, spark,"),
    ],
)
def test_an_unknown_word_is_refused_with_the_choice_before_anything_is_touched(
    words: str,
    sentence: str,
    touched: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said(monkeypatch, capsys, *words.split()).startswith(f"error: {sentence}")
    assert touched == []


@pytest.mark.parametrize(
    ("name", "words", "sentence"),
    [
        ("SMOKE", "deploy", "SMOKE=sometimes is unknown: choose one of auto, always, never"),
        ("ENV", "status", "ENV=sometimes is unknown: choose one of local, openshift"),
        ("ENGINE", "images build base", "ENGINE=sometimes is unknown: choose one of docker, buildah, podman"),
    ],
)
def test_an_unknown_word_in_the_environment_is_refused_too(
    name: str,
    words: str,
    sentence: str,
    touched: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, "sometimes")
    assert said(monkeypatch, capsys, *words.split()).startswith(f"error: {sentence}")
    assert touched == []


@pytest.mark.parametrize("words", ["deploy", "diff", "smoke", "status", "uninstall", "secrets ensure"])
def test_a_form_that_nobody_filled_in_is_refused_before_any_cluster_is_asked(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("FACTS", "SMOKE", "ENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(guard, "choose", lambda *_: pytest.fail("a cluster was asked"))
    monkeypatch.setattr(deploy, "_cluster", lambda *_: pytest.fail("a cluster was asked"))
    line = said(monkeypatch, capsys, *words.split(), "--env", "openshift")
    assert "environments/openshift.yaml still holds 8 example(s): global.registry registry.example.com/dataops" in line
    assert line.endswith(": write your own there")


def test_an_unknown_cluster_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CLUSTER", "Current")
    line = said(monkeypatch, capsys, "status")
    assert line == "error: CLUSTER=Current is unknown: choose one of current, kind, node"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ApiException(status=401, reason="Unauthorized"), "(it does not know you any more, log in again)"),
        (FORBIDDEN, '(403 secrets is forbidden: User "eve" cannot list resource "secrets", ask its administrator)'),
        (ApiException(status=503, reason="Service Unavailable"), "(503 Service Unavailable)"),
        (HTTPError("[Errno 111] Connection refused"), "([Errno 111] Connection refused)"),
    ],
)
def test_a_cluster_lost_on_the_way_is_one_sentence(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(commands, "app", fail)
    line = said(monkeypatch, capsys, "status")
    assert line.startswith("error: the cluster refuses or is gone (") and sentence in line
    assert line.endswith("then run the same command again")


def test_a_mistake_of_our_own_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise KeyError("ours")

    monkeypatch.setattr(commands, "app", fail)
    with pytest.raises(KeyError, match="ours"):
        cli.main()


def test_a_render_that_fails_writes_nothing(
    tmp_path: Path, touched: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def template(chart: Any, *_: Any) -> str:
        if chart.name == "mlflow":
            raise UserError("chart mlflow cannot be rendered")
        return "kind: List"

    monkeypatch.setattr(helm, "template", template)
    monkeypatch.setattr(plan, "image_tags", lambda *_: {})
    out = tmp_path / "render"
    assert said(monkeypatch, capsys, "render", "--out", str(out)) == "error: chart mlflow cannot be rendered"
    assert not out.exists()
