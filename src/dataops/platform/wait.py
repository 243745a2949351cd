"""Waits until what was installed is ready, says what it waits for, and names the reason when it will not come."""

import sys
import time
from dataclasses import dataclass
from typing import Any

from kubernetes.client.exceptions import ApiException

from dataops.errors import UserError
from dataops.platform.helm import Manifest
from dataops.platform.kube import Cluster

POLL_SECONDS = 1.5
QUIET_SECONDS = 10.0
# reasons that do not go away by waiting
HOPELESS = {
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
}
HOPELESS_AFTER_SECONDS = 60.0
# a server may end a few times until the one it needs is up; after this many starts something else is wrong
RESTARTS = 4
PATIENCE_SECONDS = 600.0


@dataclass(frozen=True)
class Workload:
    """Something whose pods must run, or for a Job have run."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


def workloads(manifest: Manifest, namespace: str) -> list[Workload]:
    """The workloads among rendered objects.

    Args:
        manifest: The objects.
        namespace: The release's namespace, of objects that name none.

    Returns:
        Deployments, StatefulSets and Jobs; not what `helm test` runs.
    """
    return [
        Workload(one["kind"], one["metadata"].get("namespace", namespace), one["metadata"]["name"])
        for one in manifest
        if one["kind"] in ("Deployment", "StatefulSet", "Job")
        and "helm.sh/hook" not in (one["metadata"].get("annotations") or {})
    ]


def missing(cluster: Cluster, wanted: list[Workload]) -> list[Workload]:
    """The workloads that somebody deleted behind Helm's back; a finished Job may be cleaned up."""
    return [one for one in wanted if one.kind != "Job" and _read(cluster, one) is None]


def until_ready(cluster: Cluster, wanted: list[Workload], patience: float = PATIENCE_SECONDS) -> None:
    """Wait for workloads.

    Args:
        cluster: The cluster.
        wanted: What must get ready.
        patience: Seconds without any of them getting ready after which waiting ends.

    Raises:
        UserError: One of them fails, or nothing moves any more.
    """
    begin = moved = said = time.monotonic()
    waiting = list(wanted)
    while waiting:
        still = [one for one in waiting if not _ready(cluster, one)]
        now = time.monotonic()
        for one in waiting:
            if one not in still:
                print(f"    ready: {one} ({now - begin:.0f} s)", file=sys.stderr, flush=True)
                moved = said = now
        waiting = still
        if not waiting:
            return
        if now - said > QUIET_SECONDS:
            print(f"    waiting for {', '.join(map(str, waiting))} ({now - begin:.0f} s)", file=sys.stderr, flush=True)
            said = now
            for one in waiting:
                _release(cluster, one)
                _give_up_on(cluster, one, now - moved)
        if now - moved > patience:
            raise UserError(explain(cluster, waiting[0], f"was not ready after {now - begin:.0f} s"))
        time.sleep(POLL_SECONDS)


def _release(cluster: Cluster, one: Workload) -> None:
    """Delete a StatefulSet's pods of an older revision that cannot start: Kubernetes itself waits for them for ever."""
    if one.kind != "StatefulSet":
        return
    revision = _read(cluster, one).status.update_revision
    for pod in _pods(cluster, one):
        old = pod.metadata.labels.get("controller-revision-hash") != revision
        if old and {reason for reason, _ in _reasons([pod])} & (HOPELESS | {"CrashLoopBackOff"}):
            print(f"    replacing {pod.metadata.name}, which an earlier run left unable to start", file=sys.stderr)
            cluster.core.delete_namespaced_pod(pod.metadata.name, one.namespace)


def _give_up_on(cluster: Cluster, one: Workload, seconds: float) -> None:
    """Fail when waiting longer cannot help."""
    for pod in _pods(cluster, one):
        words = {reason for reason, _ in _reasons([pod])}
        restarts = max((status.restart_count for status in pod.status.container_statuses or []), default=0)
        if "CrashLoopBackOff" in words and restarts >= RESTARTS:
            raise UserError(explain(cluster, one, f"ended {restarts} times"))
        if words & HOPELESS and seconds > HOPELESS_AFTER_SECONDS:
            raise UserError(explain(cluster, one, "cannot start"))


def _read(cluster: Cluster, one: Workload) -> Any:
    reader = {
        "Deployment": cluster.apps.read_namespaced_deployment,
        "StatefulSet": cluster.apps.read_namespaced_stateful_set,
        "Job": cluster.batch.read_namespaced_job,
    }[one.kind]
    try:
        return reader(one.name, one.namespace)
    except ApiException as error:
        if error.status == 404:
            return None
        raise


def _ready(cluster: Cluster, one: Workload) -> bool:
    found = _read(cluster, one)
    if found is None:
        # a finished Job may be cleaned up already
        return one.kind == "Job"
    status = found.status
    if one.kind == "Job":
        if any(condition.type == "Failed" and condition.status == "True" for condition in status.conditions or []):
            raise UserError(explain(cluster, one, "failed"))
        return bool(status.succeeded)
    wanted = found.spec.replicas if found.spec.replicas is not None else 1
    current = (status.observed_generation or 0) >= found.metadata.generation
    updated, ready = status.updated_replicas or 0, status.ready_replicas or 0
    return current and updated == ready == wanted == (status.replicas or 0)


def _pods(cluster: Cluster, one: Workload) -> list[Any]:
    found = _read(cluster, one)
    if found is None:
        return []
    labels = found.spec.selector.match_labels or {}
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    pods: list[Any] = cluster.core.list_namespaced_pod(one.namespace, label_selector=selector).items
    return sorted(pods, key=lambda pod: pod.metadata.creation_timestamp, reverse=True)


def _reasons(pods: list[Any]) -> list[tuple[str, str]]:
    """Why pods are not running: Kubernetes' word and its message."""
    reasons = []
    for pod in pods:
        statuses = [*(pod.status.init_container_statuses or []), *(pod.status.container_statuses or [])]
        states = [status.state.waiting or status.state.terminated for status in statuses]
        reasons += [(state.reason or "", state.message or "") for state in states if state]
        blocked = [one for one in pod.status.conditions or [] if one.type == "PodScheduled" and one.status == "False"]
        reasons += [(one.reason or "", one.message or "") for one in blocked]
    return reasons


def explain(cluster: Cluster, one: Workload, what: str) -> str:
    """What keeps a workload from being ready: Kubernetes' own words and the last ones of its pod."""
    pods = _pods(cluster, one)
    if not pods:
        return f"{one} {what}: it has no pod, see `kubectl -n {one.namespace} get events`"
    pod = pods[0]
    reasons = [f"{reason} {message}".strip() for reason, message in _reasons([pod]) if reason]
    why = f" ({reasons[0]})" if reasons else ""
    words = last_words(cluster, pod)
    said = f"; its last words: {words}" if words else ""
    hint = f"see `kubectl -n {one.namespace} logs {pod.metadata.name}`, then run the same command again"
    return f"{one} {what}: pod {pod.metadata.name} is {pod.status.phase}{why}{said}; {hint}"


def last_words(cluster: Cluster, pod: Any, lines: int = 3) -> str:
    """The last lines a pod's container logged, of its previous run if there was one; on one line."""
    statuses = [*(pod.status.init_container_statuses or []), *(pod.status.container_statuses or [])]
    bad = next((status for status in statuses if not status.ready), None)
    for previous in (True, False):
        try:
            text = cluster.core.read_namespaced_pod_log(
                pod.metadata.name,
                pod.metadata.namespace,
                container=bad.name if bad else None,
                previous=previous,
                tail_lines=lines,
            )
        except ApiException:
            continue
        if text and text.strip():
            return " / ".join(line.strip() for line in text.strip().splitlines())
    return ""
