"""Pods that no chart renders pass as the rendered ones do, with all that KubeSpawner, Airflow and Spark add to them."""

from collections.abc import Callable

import kubernetes_validate  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.charts.harness import ENVIRONMENTS, KUBERNETES, Object, every_pod, walk
from tests.charts.pods import PlatformPod, every_platform_pod

FIXED = {"runAsUser", "runAsGroup", "fsGroup", "supplementalGroups", "seLinuxOptions", "hostPath", "csi", "hostPort"}
STARTED = {"user": 3, "task": 1, "job": 6, "executor": 2}  # in each environment
# restricted-v2 of OpenShift 4.12 admits these and no others
VOLUMES = {"configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"}


@pytest.fixture(scope="module")
def pods() -> tuple[PlatformPod, ...]:
    return every_platform_pod()


def containers(pod: PlatformPod) -> list[Object]:
    return [*(pod.spec.get("initContainers") or []), *pod.spec["containers"]]


def complaints(pods: tuple[PlatformPod, ...], rule: Callable[[Object], bool], *, each: bool) -> list[str]:
    """The pods (or their containers) that break a rule."""
    parts = [(pod, part) for pod in pods for part in (containers(pod) if each else [pod.spec])]
    return [f"{pod}: {part.get('name', 'pod')}" for pod, part in parts if not rule(part)]


def test_none_is_forgotten(pods: tuple[PlatformPod, ...]) -> None:
    assert len(pods) == len(every_pod()) + len(ENVIRONMENTS) * sum(STARTED.values())
    assert all(pod.labels and pod.spec["containers"] for pod in pods)


@pytest.mark.parametrize("version", KUBERNETES)
def test_they_are_valid_for_kubernetes(pods: tuple[PlatformPod, ...], version: str) -> None:
    for pod in pods[len(every_pod()) :]:  # the rendered ones are looked at as the objects they come in
        about = {"name": "any", "namespace": pod.namespace, "labels": pod.labels}
        whole = {"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": pod.spec}
        kubernetes_validate.validate(whole, version, strict=True)


def test_pods_are_restricted(pods: tuple[PlatformPod, ...]) -> None:
    wanted = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert not complaints(
        pods, lambda spec: {k: v for k, v in spec["securityContext"].items() if v} == wanted, each=False
    )
    assert not complaints(pods, lambda spec: spec["enableServiceLinks"] is False, each=False)
    assert not complaints(pods, lambda spec: not {"hostNetwork", "hostPID", "hostIPC"} & set(spec), each=False)


def test_containers_are_restricted(pods: tuple[PlatformPod, ...]) -> None:
    wanted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert not complaints(pods, lambda part: part["securityContext"] == wanted, each=True)


def test_identity_is_the_platforms(pods: tuple[PlatformPod, ...]) -> None:
    assert not complaints(pods, lambda spec: not any(FIXED & set(node) for node in walk(spec)), each=False)


def test_volumes_are_of_the_kinds_that_restricted_admits(pods: tuple[PlatformPod, ...]) -> None:
    kinds = {str(pod): set().union(*(set(v) - {"name"} for v in pod.spec.get("volumes", []))) for pod in pods}
    assert not {name: found - VOLUMES for name, found in kinds.items() if found - VOLUMES}


def test_every_container_says_what_it_needs(pods: tuple[PlatformPod, ...]) -> None:
    def stated(part: Object) -> bool:
        return all(
            part["resources"].get(bound, {}).get(what) for bound in ("requests", "limits") for what in ("cpu", "memory")
        )

    assert not complaints(pods, stated, each=True), "the namespaces' quotas refuse these"


def test_executors_carry_no_token_and_no_key(pods: tuple[PlatformPod, ...]) -> None:
    executors = [pod for pod in pods if pod.labels.get("spark-role") == "executor"]
    assert len(executors) == len(ENVIRONMENTS) * STARTED["executor"]
    for pod in executors:
        assert pod.spec["automountServiceAccountToken"] is False and pod.spec["serviceAccountName"] == "executor"
        assert not any({"secret", "secretRef", "secretKeyRef"} & set(node) for node in walk(pod.spec)), pod
