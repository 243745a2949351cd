"""The list of flows against the pods that there are: each is of one kind, and reaches what it has the key for."""

from typing import Any

import pytest
import yaml
from traitlets.config import Config

from charts.jupyterhub.files import user_pod
from dataops.platform.environment import load_environment
from dataops.platform.flows import FLOWS, LABELS, matrix, read_flows
from dataops.pods import job_pod
from dataops.spark.conf import FIRST_PORT, PORTS
from dataops.spark.pods import executor_pod_template
from tests.charts.harness import ROOT, Object, Rendered, Variant, every_pod, render
from tests.matrix import allowed, ends, may, s3_port

TABLE = read_flows(ROOT)
# Ports that only the node asks, for probes; no flow leads there.
FOR_PROBES_ONLY = {("spark-master", 8080)}


def kind_of(labels: dict[str, str], role: str) -> str:
    """The kind of pods with these labels in a namespace of this role."""
    found = [k.name for k in TABLE.kinds.values() if k.role == role and k.labels.items() <= labels.items()]
    assert len(found) == 1, f"{labels} in {role} is {found}: give {FLOWS} one kind for it"
    return found[0]


def spawned() -> dict[str, Object]:
    """Pods that programs start, by their kinds."""
    config = Config()
    settings: dict[str, Any] = {"usersNamespace": "x", "ownNamespaces": {}, "image": "x", "imagePullSecrets": []}
    settings["idleSeconds"] = 3600
    settings["mailDomain"] = "example.com"
    settings["user"] = {"startSeconds": 1, "home": {"size": "1G", "storageClass": ""}, "sharedClaim": ""}
    user_pod.configure(config, settings)
    spawner = config.KubeSpawner
    notebook = {
        "metadata": {"labels": {**spawner.extra_labels, f"{LABELS}component": spawner.component_label}},
        "spec": {
            "automountServiceAccountToken": spawner.automount_service_account_token,
            "containers": [spawner.extra_container_config],
            "volumes": spawner.volumes,
        },
    }
    files = next(o for o in render(Variant("airflow", "openshift")) if o["metadata"]["name"] == "airflow")["data"]
    pods = [
        ("users", notebook),
        ("users", executor_pod_template()),
        ("jobs", executor_pod_template()),
        ("jobs", job_pod(image="x", component="driver", size="small", spark=True)),
        ("jobs", job_pod(image="x", component="task", size="small", spark=False)),
        ("jobs", yaml.safe_load(files["pod_template.yaml"])),
    ]
    return {kind_of(pod["metadata"]["labels"], role): pod for role, pod in pods}


def all_pods() -> list[tuple[str, Object]]:
    """Specs of all pods there are, with their kinds."""
    return [
        *((kind_of(p.pod_labels, "servers"), p.pod) for p in every_pod()),
        *((k, p["spec"]) for k, p in spawned().items()),
    ]


def test_each_end_of_a_flow_is_known() -> None:
    for flow in TABLE.flows:
        assert {flow.to, *flow.senders} <= set(TABLE.kinds), f"{flow}: a name that is no kind"
        assert len(set(flow.senders)) == len(flow.senders) > 0, f"{flow}: twice the same, or nobody"


def test_each_kind_is_of_pods_that_exist() -> None:
    assert {kind for kind, _ in all_pods()} == {kind.name for kind in TABLE.kinds.values() if kind.role}


@pytest.mark.parametrize("pod", every_pod(), ids=str)
def test_each_port_of_a_pod_is_reached_by_somebody(pod: Rendered) -> None:
    kind, facts = kind_of(pod.pod_labels, "servers"), load_environment(ROOT, pod.variant.env)
    for container in pod.containers:
        for port in (entry["containerPort"] for entry in container.get("ports", [])):
            reached = any(may(TABLE, facts, sender, kind, port) for sender in ends(TABLE, facts))
            assert reached or (kind, port) in FOR_PROBES_ONLY, f"{pod} listens on {port}, where nobody may go"


@pytest.mark.parametrize("flow", [flow for flow in TABLE.flows if flow.ports], ids=lambda flow: str(flow.to))
def test_each_flow_leads_to_a_port_that_is_listened_on(flow: Any) -> None:
    listened = {
        str(port["containerPort"])
        for pod in every_pod()
        if kind_of(pod.pod_labels, "servers") == flow.to
        for container in pod.containers
        for port in container.get("ports", [])
    }
    facts = {"s3.endpointUrl": str(s3_port(load_environment(ROOT, "local"))), "database.port": "5432"}
    for port in flow.ports if listened else []:
        assert facts.get(port, port) in listened, f"nothing listens on {port} of {flow.to}"


def test_drivers_listen_on_the_range_that_is_open() -> None:
    into_drivers = {flow.ports for flow in TABLE.flows if "executor" in flow.senders[0] and "executor" not in flow.to}
    assert into_drivers == {(f"{FIRST_PORT}-{FIRST_PORT + 2 * PORTS - 1}",)}


def senders_to(kind: str) -> set[str]:
    return {sender for flow in TABLE.flows if flow.to == kind for sender in flow.senders}


def test_the_api_server_is_open_to_pods_with_a_token_and_to_no_others() -> None:
    assert senders_to("api-server") == {kind for kind, pod in all_pods() if pod["automountServiceAccountToken"]}


def holders(*names: str) -> set[str]:
    """Kinds whose pods name a Secret that begins like this."""
    return {kind for kind, pod in all_pods() if any(f"'{name}" in str(pod) for name in names)}


def test_s3_is_open_to_those_who_hold_a_key() -> None:
    by_their_driver = {"users-executor", "jobs-executor", "spark-worker"}
    assert senders_to("s3") - {"helm-test", "s3-setup"} == (holders("s3-") - {"s3", "s3-setup"}) | by_their_driver


def test_the_database_is_open_to_those_who_hold_a_password() -> None:
    names = ("hub-database", "mlflow-database", "airflow-database", "postgres-accounts", "catalog-")
    assert senders_to("database") == holders(*names)


def test_users_pods_do_not_reach_each_other() -> None:
    facts = load_environment(ROOT, "local")
    notebook = next(end for end in ends(TABLE, facts) if end.name == "notebook")
    assert not any(allowed(TABLE, facts, notebook, notebook, port) for port in range(1, 65536))


def test_the_table_of_the_documents_is_the_list() -> None:
    document = (ROOT / "docs/NETWORK.md").read_text(encoding="utf-8")
    assert f"\n\n{matrix(TABLE)}\n\n" in document, "put what `dataops charts flows` prints into docs/NETWORK.md"
