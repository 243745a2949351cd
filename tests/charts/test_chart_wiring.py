"""Every name that an object refers to is defined: by another object, by a secrets.yaml, or by the short list below."""

from typing import Any

import pytest

from tests.charts.harness import (
    CHARTS,
    Rendered,
    Variant,
    charts,
    environments,
    every_object,
    every_pod,
    read_yaml,
    render,
    walk,
)

# Made outside Helm: by `dataops secrets ensure`, by Kubernetes itself.
KNOWN_CONFIGMAPS = {"dataops-ca"}
KNOWN_ACCOUNTS = {"default"}


def declared_secrets(env: str) -> dict[str, set[str]]:
    """Secrets of every chart's secrets.yaml: name -> keys; names with the namespace's role in front."""
    found: dict[str, set[str]] = {}
    for chart in charts():
        path = CHARTS / chart / "secrets.yaml"
        for entry in read_yaml(path) if path.is_file() else []:
            if env in entry.get("environments", [env]):
                for zone in entry["namespaces"]:
                    found[f"{zone}/{entry['name']}"] = set(entry["keys"])
    return found


def objects(env: str, kind: str) -> dict[str, Any]:
    """Objects of one kind that a whole deployment makes: namespace/name -> object, features left out."""
    items = [Rendered(Variant(c, env), o) for c in charts() if env in environments(c) for o in render(Variant(c, env))]
    return {f"{item.namespace}/{item.name}": item.object for item in items if item.kind == kind}


def zone(item: Rendered) -> str:
    """The role of an object's namespace."""
    return {"dataops": "servers", "dataops-users": "users", "dataops-jobs": "jobs"}[item.namespace]


def references(pod: Rendered) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Secrets and ConfigMaps that a pod names, each with the key it asks for ("" for all); none that may be missing."""
    secrets, maps = set(), set()
    for node in walk(pod.pod):
        if "secretRef" in node:
            secrets.add((node["secretRef"]["name"], ""))
        if "secretKeyRef" in node and not node["secretKeyRef"].get("optional"):
            secrets.add((node["secretKeyRef"]["name"], node["secretKeyRef"]["key"]))
        if "secretName" in node:
            secrets |= {(node["secretName"], item["key"]) for item in node.get("items", [{"key": ""}])}
        if "configMapRef" in node:
            maps.add((node["configMapRef"]["name"], ""))
        if "configMapKeyRef" in node:
            maps.add((node["configMapKeyRef"]["name"], node["configMapKeyRef"]["key"]))
        if isinstance(node.get("configMap"), dict):
            maps.add((node["configMap"]["name"], ""))
    return secrets, maps


@pytest.mark.parametrize("pod", every_pod(), ids=str)
def test_secrets_exist(pod: Rendered) -> None:
    declared = declared_secrets(pod.variant.env)
    for name, key in references(pod)[0]:
        where = f"{zone(pod)}/{name}"
        assert where in declared, f"{pod} needs Secret {name}: declare it in charts/{pod.variant.chart}/secrets.yaml"
        assert not key or key in declared[where], f"{pod} needs key {key} of Secret {name}"


@pytest.mark.parametrize("pod", every_pod(), ids=str)
def test_configmaps_exist(pod: Rendered) -> None:
    known = objects(pod.variant.env, "ConfigMap")
    own = {f"{pod.namespace}/{o['metadata']['name']}": o for o in render(pod.variant) if o["kind"] == "ConfigMap"}
    for name, key in references(pod)[1]:
        if name in KNOWN_CONFIGMAPS:
            continue
        found = (known | own).get(f"{pod.namespace}/{name}")
        assert found is not None, f"{pod} needs ConfigMap {name}, which no chart makes in {pod.namespace}"
        assert not key or key in found["data"], f"{pod} needs key {key} of ConfigMap {name}"


@pytest.mark.parametrize("pod", every_pod(), ids=str)
def test_accounts_exist(pod: Rendered) -> None:
    account = pod.pod.get("serviceAccountName", "default")
    known = objects(pod.variant.env, "ServiceAccount")
    assert account in KNOWN_ACCOUNTS or f"{pod.namespace}/{account}" in known, f"{pod}: no ServiceAccount {account}"


@pytest.mark.parametrize("pod", every_pod(), ids=str)
def test_mounts_have_volumes_and_volumes_have_mounts(pod: Rendered) -> None:
    volumes = {volume["name"] for volume in pod.pod.get("volumes", [])}
    volumes |= {claim["metadata"]["name"] for claim in pod.object["spec"].get("volumeClaimTemplates", [])}
    mounted = {mount["name"] for container in pod.containers for mount in container.get("volumeMounts", [])}
    assert mounted == volumes, f"{pod}: mounted {sorted(mounted)}, defined {sorted(volumes)}"


@pytest.mark.parametrize("service", every_object("Service"), ids=str)
def test_services_find_their_pods(service: Rendered) -> None:
    selector = service.object["spec"]["selector"]
    pods = [Rendered(service.variant, o) for o in render(service.variant) if o["kind"] in ("Deployment", "StatefulSet")]
    found = [pod for pod in pods if selector.items() <= pod.pod_labels.items()]
    assert len(found) == 1, f"{service} selects {[str(pod) for pod in found]}"
    names = {port["name"] for container in found[0].containers for port in container.get("ports", [])}
    for port in service.object["spec"]["ports"]:
        assert port["targetPort"] in names, f"{service}: no container port is called {port['targetPort']}"


@pytest.mark.parametrize("way", every_object("Ingress", "Route"), ids=str)
def test_ways_in_lead_to_a_service(way: Rendered) -> None:
    spec = way.object["spec"]
    if way.kind == "Route":
        name, port = spec["to"]["name"], spec["port"]["targetPort"]
    else:
        backend = spec["rules"][0]["http"]["paths"][0]["backend"]["service"]
        name, port = backend["name"], backend["port"]["name"]
    service = objects(way.variant.env, "Service").get(f"{way.namespace}/{name}")
    assert service is not None, f"{way}: no Service {name}"
    assert port in {entry["name"] for entry in service["spec"]["ports"]}, f"{way}: Service {name} has no port {port}"


@pytest.mark.parametrize("pod", every_pod(), ids=str)
def test_probes_ask_a_port_that_exists(pod: Rendered) -> None:
    for container in pod.containers:
        names = {port["name"] for port in container.get("ports", [])}
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            get = container.get(probe, {}).get("httpGet")
            assert get is None or get["port"] in names, f"{pod}/{container['name']}: {probe} asks {get['port']}"
