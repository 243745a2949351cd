"""However a place installs it: valid for old and new clusters, nothing that needs a cluster administrator, no hooks."""

import json
import re
from functools import cache

import kubernetes_validate  # type: ignore[import-untyped]  # it ships no types
import pytest
from kubernetes.client import AppsV1Api, BatchV1Api, CoreV1Api, NetworkingV1Api, RbacAuthorizationV1Api

from tests.charts.harness import ENVIRONMENTS, KUBERNETES, MODES, everything

EACH = [pytest.param(env, mode, id=f"{env}-{mode}") for env in ENVIRONMENTS for mode in MODES]
WAYS = pytest.mark.parametrize(("env", "mode"), EACH)
# OpenShift's own kinds are in nobody's schemas; Routes have a test file to themselves.
OF_OPENSHIFT = {"Route"}
APIS = (AppsV1Api, BatchV1Api, CoreV1Api, NetworkingV1Api, RbacAuthorizationV1Api)


def namespaced(kind: str) -> bool:
    """Whether objects of a kind live in a namespace, as the APIs' own client knows."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower()
    return kind in OF_OPENSHIFT or any(hasattr(api, f"create_namespaced_{words}") for api in APIS)


def test_kinds_are_told_apart() -> None:
    assert all(map(namespaced, ("ConfigMap", "NetworkPolicy", "RoleBinding", "Route")))
    assert not any(map(namespaced, ("Namespace", "ClusterRole", "PriorityClass", "SecurityContextConstraints")))


@WAYS
def test_nothing_is_cluster_scoped(env: str, mode: str) -> None:
    wide = [str(item) for item in everything(env, mode) if not namespaced(item.kind)]
    assert not wide, f"{wide} need a cluster administrator, or are of an API that is not in APIS"


@WAYS
def test_nobody_is_granted_more_than_a_namespace_holds(env: str, mode: str) -> None:
    for item in everything(env, mode):
        if item.kind == "RoleBinding":
            assert item.object["roleRef"]["kind"] == "Role", f"{item} hands on a role of the cluster, as SCCs are"
        for rule in item.object["rules"] if item.kind == "Role" else []:
            groups, resources = set(rule["apiGroups"]), set(rule["resources"])
            assert groups <= {""} and not resources & {"*", "secrets"}, f"{item}: {rule}"


@WAYS
def test_no_hook_but_tests(env: str, mode: str) -> None:
    for item in everything(env, mode):
        hook = item.object["metadata"].get("annotations", {}).get("helm.sh/hook", "test")
        assert hook == "test", f"{item} is a {hook} hook: GitOps tools ignore those, make it a plain Job"


@WAYS
@pytest.mark.parametrize("version", KUBERNETES)
def test_valid_for_kubernetes(env: str, mode: str, version: str) -> None:
    objects = [item for item in everything(env, mode) if item.kind not in OF_OPENSHIFT]
    wrong = [f"{item}: {said}" for item in objects if (said := _invalid(json.dumps(item.object), version))]
    assert objects and not wrong, "\n".join(wrong)


@cache  # most objects are the same in every mode
def _invalid(text: str, version: str) -> str:
    try:
        kubernetes_validate.validate(json.loads(text), version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return str(error)
    return ""
