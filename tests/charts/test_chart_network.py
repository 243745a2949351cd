"""Nothing enters a pod but the flows of charts/platform/files/flows.yaml, and those lead to pods that exist."""

from typing import Any

import pytest

from tests.charts.harness import CHARTS, Rendered, Variant, environments, every_pod, read_yaml, render

FLOWS = read_yaml(CHARTS / "platform/files/flows.yaml")
ENVS = pytest.mark.parametrize("env", environments("platform"))
# Pods that no chart renders: KubeSpawner starts them.
SPAWNED = {"jupyterhub/notebook"}


def policies(env: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Rendered policies: (namespace, name) -> spec."""
    items = [o for o in render(Variant("platform", env)) if o["kind"] == "NetworkPolicy"]
    return {(o["metadata"]["namespace"], o["metadata"]["name"]): o["spec"] for o in items}


@ENVS
@pytest.mark.parametrize("namespace", ["dataops", "dataops-users", "dataops-jobs"])
def test_default_is_deny(env: str, namespace: str) -> None:
    assert policies(env)[namespace, "default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress"]}


@ENVS
def test_each_flow_is_one_policy(env: str) -> None:
    assert sorted(name for _, name in policies(env) if name != "default-deny") == sorted(flow["name"] for flow in FLOWS)


@ENVS
def test_every_peer_is_named(env: str) -> None:
    for (namespace, name), spec in policies(env).items():
        for rule in spec.get("ingress", []):
            assert rule["from"], f"{namespace}/{name} lets everybody in"
            for peer in rule["from"]:
                assert peer["namespaceSelector"]["matchLabels"], f"{namespace}/{name}: a peer in any namespace"


@ENVS
def test_only_exposed_services_are_open_to_the_router(env: str) -> None:
    exposed = {flow["name"] for flow in FLOWS if flow.get("outside")}
    open_to = {
        name
        for (_, name), spec in policies(env).items()
        for rule in spec.get("ingress", [])
        for peer in rule["from"]
        if "kubernetes.io/metadata.name" not in peer["namespaceSelector"]["matchLabels"]
    }
    assert open_to == (exposed if env == "openshift" else set())


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: str(flow["name"]))
def test_flows_name_pods_that_exist(flow: dict[str, Any]) -> None:
    known = {f"{labels['app.kubernetes.io/name']}/{labels['app.kubernetes.io/component']}" for labels in all_labels()}
    for end in [flow["to"], *flow["from"]]:
        word = end["pods"]
        assert word in {"any", "drivers", "executors", "any/test"} | known | SPAWNED, f"{flow['name']}: no pods {word}"


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: str(flow["name"]))
def test_flows_open_ports_that_are_listened_on(flow: dict[str, Any]) -> None:
    targets = [pod for pod in every_pod() if f"{pod.variant.chart}/{component(pod)}" == flow["to"]["pods"]]
    listened = {port["containerPort"] for pod in targets for c in pod.containers for port in c.get("ports", [])}
    for port in flow.get("ports", []) if targets else []:
        assert port in listened, f"{flow['name']}: nothing listens on {port}"


def component(pod: Rendered) -> str:
    """The component of a pod's labels."""
    return pod.pod_labels["app.kubernetes.io/component"]


def all_labels() -> list[dict[str, str]]:
    """Labels of all pods that charts make."""
    return [pod.pod_labels for pod in every_pod()]
