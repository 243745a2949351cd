"""A deploy is refused before anything is touched, not half-way."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from dataops.errors import UserError
from dataops.platform import deploy, helm
from dataops.platform.doctor.checks.namespaces import ANNOTATIONS, ENFORCE
from dataops.platform.environment import load_environment
from dataops.platform.kube import Cluster
from tests.unit.platform.doctor.api import Api, refusal, serve
from tests.unit.platform.fakes import environment
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
    monkeypatch.setattr("dataops.platform.images.builder.build", lambda *_: found.append("images"))
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


def test_pods_are_given_the_images_that_were_built(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy, "image_tags", lambda *_: {"spark": "before", "other": "unnamed"})
    monkeypatch.setattr(deploy, "_cluster", lambda *_: None)
    monkeypatch.setattr("dataops.platform.guard.provider", lambda *_: None)
    monkeypatch.setattr(helm, "template", lambda *_: "image: localhost/dataops/spark:before")
    monkeypatch.setattr(
        "dataops.platform.images.builder.build",
        lambda root, names: {name: f"localhost/dataops/{name}:edited" for name in names},
    )
    monkeypatch.setattr("dataops.platform.images.builder.load_into_cluster", lambda *_: None)
    monkeypatch.setattr(deploy, "_install", lambda *arguments: done.append(str(arguments[-1])))
    deploy.deploy(ROOT, load_environment(ROOT, "local"))
    assert done == ["helm", "secrets", "{'spark': 'edited', 'other': 'unnamed'}"]


def openshift() -> Api:
    """An OpenShift with the three namespaces, as bootstrap.yaml leaves them."""
    api = Api()
    for name in environment().namespaces.values():
        about = {"name": name, "annotations": dict.fromkeys(ANNOTATIONS, "x"), "labels": {ENFORCE: "restricted"}}
        api.objects[f"/api/v1/namespaces/{name}"] = {"metadata": about, "status": {"phase": "Active"}}
    return api


def refused(api: Api) -> str:
    """What a deploy says to a place before it makes or reads a Secret there; empty when it goes on."""
    with serve(api) as http:
        try:
            deploy._check_place(ROOT, Cluster(None, "ctx", "https://x", http), environment("openshift"))
        except UserError as error:
            assert "\n" not in str(error)
            return str(error)
        finally:
            assert not any("secrets" in path or not path.startswith("GET") for path, _ in api.asked)
    return ""


def test_a_place_that_is_ready_is_taken() -> None:
    assert refused(openshift()) == ""


@pytest.mark.parametrize("answer", [refusal(404, "not found"), refusal(403, "eve cannot get resource namespaces")])
def test_a_namespace_that_is_missing_or_hidden_stops_it(answer: Any) -> None:
    api = openshift()
    api.objects["/api/v1/namespaces/dataops-jobs"] = answer
    said = "namespace dataops-jobs is missing, or not yours to see: an administrator applies what `make bootstrap"
    assert refused(api).startswith(said)


def test_a_namespace_that_openshift_did_not_make_stops_it() -> None:
    api = openshift()
    api.objects["/api/v1/namespaces/dataops-users"]["metadata"]["annotations"].pop(ANNOTATIONS[0])
    assert f"dataops-users has no annotation {ANNOTATIONS[0]}, without which OpenShift starts no pod" in refused(api)


@pytest.mark.parametrize(
    "right",
    [
        "create deployments.apps dataops",
        "create rolebindings.rbac.authorization.k8s.io dataops-users",
        "create rolebindings.rbac.authorization.k8s.io dataops-jobs",
    ],
)
def test_a_context_without_rights_stops_it(right: str) -> None:
    api = openshift()
    api.denied = {right}
    what, _, namespace = right.rpartition(" ")
    said = refused(api)
    assert said.startswith(
        f"you may not {what} in namespace {namespace}: an administrator runs `kubectl -n {namespace} "
    )
    assert said.endswith("--user=<you>`; `make doctor ENV=openshift` lists every right you lack")
