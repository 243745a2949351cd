"""The node as an OpenShift: a namespace whose block of ids is known, and pods asked about as its administrator."""

from __future__ import annotations

import copy
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes.client.exceptions import ApiException

from cluster.openshift.site import TEAM, TENANT_KUBECONFIG
from dataops.platform.documents import read_yaml
from dataops.platform.kube import Cluster, connect

VERDICTS = Path(__file__).parent / "verdicts" / "pods.yaml"
BLOCK = "1000660000/10000"
SECURITY = "openshift.io/sa.scc"
LABEL = "pod-security.kubernetes.io"


@dataclass(frozen=True)
class Answer:
    """What the API server says about a pod that is only tried.

    Attributes:
        constraint: The security context constraint that admits it; empty when it is refused.
        words: Why it is refused, else what the API server warns of.
    """

    constraint: str
    words: str


def over(below: Any, above: Any) -> Any:
    """One document laid over another: maps key by key, anything else replaced."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{key: over(below.get(key), value) for key, value in above.items()}}


def cases() -> list[dict[str, Any]]:
    """The pods of the table, each with its manifest."""
    plain = {"image": "registry.site.test/plain", "name": "one"}
    found = []
    for case in read_yaml(VERDICTS):
        spec = over({"containers": [over(plain, case.get("container", {}))]}, case.get("pod", {}))
        about = {"generateName": "tried-", "annotations": case.get("annotations", {})}
        found.append({**case, "manifest": {"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": spec}})
    return found


def make_namespace(admin: Cluster, name: str, security: str, accounts: set[str]) -> None:
    """Make a namespace as an OpenShift's administrator does, with its team and its accounts.

    Args:
        admin: The cluster, as its administrator.
        name: The namespace's name.
        security: The version of Pod Security's `restricted` that it enforces, or nothing to enforce none.
        accounts: Service accounts to make in it.
    """
    ids = {f"{SECURITY}.{key}": BLOCK for key in ("uid-range", "supplemental-groups")}
    ids[f"{SECURITY}.mcs"] = "s0:c26,c5"
    labels = {f"{LABEL}/{mode}": "restricted" for mode in ("enforce", "warn")} if security else {}
    labels |= {f"{LABEL}/{mode}-version": security for mode in ("enforce", "warn")} if security else {}
    about = {"name": name, "annotations": ids, "labels": labels}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"}
    team = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": TEAM}
    binding = {"metadata": {"name": TEAM, "namespace": name}, "roleRef": role, "subjects": [team]}
    objects: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": about},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", **binding},
        *(
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": one, "namespace": name}}
            for one in sorted(accounts | {"default"})
        ),
    ]
    admin.apply(yaml.safe_dump_all(objects))


def tenant() -> Cluster:
    """The cluster as the administrator of its own namespaces sees it."""
    return connect(TENANT_KUBECONFIG)


def _with_texts(manifest: dict[str, Any]) -> dict[str, Any]:
    """A pod whose amounts are texts: KubeSpawner sends numbers, which the API server takes but this client does not."""
    found = copy.deepcopy(manifest)
    for container in found["spec"]["containers"]:
        for amounts in container.get("resources", {}).values():
            amounts.update({key: str(amount) for key, amount in amounts.items()})
    return found


def ask(cluster: Cluster, namespace: str, manifest: dict[str, Any]) -> Answer:
    """Let the API server judge a pod without making it.

    Args:
        cluster: The cluster, as whoever asks.
        namespace: Where the pod would be.
        manifest: The pod.

    Returns:
        The answer.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pod, _, headers = cluster.core.create_namespaced_pod_with_http_info(
                namespace, _with_texts(manifest), dry_run="All"
            )
        except ApiException as error:
            return Answer("", str(error.body))
    return Answer(str((pod.metadata.annotations or {}).get("openshift.io/scc")), str(headers.get("Warning", "")))
