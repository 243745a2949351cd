"""The wrong cluster is refused before anything is touched."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from dataops.errors import UserError
from dataops.platform import guard
from dataops.platform.kube import Cluster
from tests.unit.platform.fakes import FakeCluster, environment


def kubeconfig(path: Path, server: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "me"}}],
        "clusters": [{"name": "it", "cluster": {"server": server}}],
        "users": [{"name": "me", "user": {}}],
    }
    path.write_text(yaml.safe_dump(document))
    return path


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("CLUSTER", raising=False)


class OneNode(FakeCluster):
    """A cluster of one node with these annotations, serving these API groups."""

    marks: dict[str, str] = {}
    provider_id = ""

    @property
    def core(self) -> Any:
        meta = SimpleNamespace(annotations=self.marks, labels={})
        node = SimpleNamespace(metadata=meta, spec=SimpleNamespace(provider_id=self.provider_id))
        return SimpleNamespace(list_node=lambda: SimpleNamespace(items=[node]))


@pytest.fixture
def no_openshift(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_check_openshift", lambda cluster: None)


def test_local_opens_the_checkouts_own_cluster(tmp_path: Path) -> None:
    kubeconfig(tmp_path / ".cluster" / "kubeconfig", "https://10.0.0.1:6443")
    assert guard.choose(tmp_path, environment()).server == "https://10.0.0.1:6443"


def test_local_refuses_a_foreign_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubeconfig(tmp_path / ".cluster" / "kubeconfig", "https://10.0.0.1:6443")
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "other", "https://production.example:6443")))
    with pytest.raises(UserError, match="production.example.*CLUSTER=current"):
        guard.choose(tmp_path, environment())


def test_local_refuses_a_foreign_kubeconfig_before_its_own_cluster_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "other", "https://production.example:6443")))
    with pytest.raises(UserError, match="production.example"):
        guard.refuse_foreign(tmp_path, environment())


def test_typing_cluster_current_takes_the_foreign_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUSTER", "current")
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "other", "https://colleague.example:6443")))
    assert guard.choose(tmp_path, environment()).server == "https://colleague.example:6443"


@pytest.mark.usefixtures("no_openshift")
def test_local_refuses_nodes_it_did_not_make(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match="not the cluster"):
        guard.check(cast(Cluster, OneNode()), environment())
    said = capsys.readouterr().err
    assert "https://fake:6443" in said and "dataops-users" in said


@pytest.mark.usefixtures("no_openshift")
@pytest.mark.parametrize(("marks", "provider_id"), [({guard.OWN_NODE: "node"}, ""), ({}, "kind://docker/dataops/x")])
def test_local_takes_its_own_nodes(marks: dict[str, str], provider_id: str) -> None:
    cluster = OneNode()
    cluster.marks, cluster.provider_id = marks, provider_id
    guard.check(cast(Cluster, cluster), environment())


def test_openshift_refuses_another_server() -> None:
    place = environment("openshift", apiServer={"url": "https://api.production.example:6443"})
    with pytest.raises(UserError, match="api.production.example"):
        guard.check(cast(Cluster, FakeCluster()), place)


def test_openshift_takes_the_server_its_file_names() -> None:
    guard.check(cast(Cluster, FakeCluster()), environment("openshift", apiServer={"url": "https://fake:6443/"}))


def test_an_openshift_is_refused_for_local_unless_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = SimpleNamespace(groups=[SimpleNamespace(name="route.openshift.io")])
    meta = SimpleNamespace(annotations={}, labels={})
    apis = SimpleNamespace(get_api_versions=lambda: groups)
    crds = SimpleNamespace(read_custom_resource_definition=lambda name: SimpleNamespace(metadata=meta))
    monkeypatch.setattr(client, "ApisApi", lambda api: apis)
    monkeypatch.setattr(client, "ApiextensionsV1Api", lambda api: crds)
    cluster = OneNode()
    cluster.marks = {guard.OWN_NODE: "node"}
    monkeypatch.setattr(OneNode, "api", None, raising=False)
    with pytest.raises(UserError, match="is an OpenShift"):
        guard.check(cast(Cluster, cluster), environment())
    meta.annotations = {guard.EMULATION: "openshift"}
    guard.check(cast(Cluster, cluster), environment())


def test_a_real_openshift_has_routes_without_a_crd_and_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_crd(name: str) -> None:
        raise ApiException(status=404)

    apis = SimpleNamespace(
        get_api_versions=lambda: SimpleNamespace(groups=[SimpleNamespace(name="route.openshift.io")])
    )
    crds = SimpleNamespace(read_custom_resource_definition=no_such_crd)
    monkeypatch.setattr(client, "ApisApi", lambda api: apis)
    monkeypatch.setattr(client, "ApiextensionsV1Api", lambda api: crds)
    cluster = OneNode()
    cluster.marks = {guard.OWN_NODE: "node"}
    monkeypatch.setattr(OneNode, "api", None, raising=False)
    with pytest.raises(UserError, match="is an OpenShift"):
        guard.check(cast(Cluster, cluster), environment())
