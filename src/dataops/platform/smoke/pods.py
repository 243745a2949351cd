"""Runs a small program inside the cluster, in the very pod that a Spark job gets or in one of a server."""

import json
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from dataops.errors import UserError
from dataops.platform import wait
from dataops.platform.smoke.context import CheckFailed, Context, expect
from dataops.pods import job_pod

INSIDE = Path(__file__).parent / "inside"
RESULT = "RESULT "
MARK = "dataops/smoke"


def run_inside(
    context: Context, script: str, *, spark: bool = False, size: str = "small", timeout: float = 240.0
) -> dict[str, Any]:
    """Run a program of the folder `inside` as a Job in the jobs' namespace.

    Args:
        context: The check's context.
        script: The file's name without its ending.
        spark: Whether it starts executors.
        size: How much the pod may use, a key of dataops.pods.SIZES.
        timeout: Seconds until it must have ended.

    Returns:
        What it printed as its result.

    Raises:
        CheckFailed: It failed or took too long.
    """
    return run_pod(context, program_pod(context, script, spark=spark, size=size), timeout)


def program_pod(context: Context, script: str, *, spark: bool, size: str = "small") -> dict[str, Any]:
    """A job's pod that runs a program of the folder `inside`; arguments as for `run_inside`."""
    pod = job_pod(image=context.job_image, component="driver" if spark else "task", size=size, spark=spark)
    pod["spec"]["containers"][0]["args"] = ["python", "-c", (INSIDE / f"{script}.py").read_text(encoding="utf-8")]
    pod["metadata"]["labels"][MARK] = script
    return pod


def run_pod(context: Context, pod: dict[str, Any], timeout: float) -> dict[str, Any]:
    """Run a pod as a Job, in the jobs' namespace unless it names another; returns and raises as `run_inside`."""
    about = pod["metadata"]
    name = about.get("generateName", f"smoke-{about['labels'].get(MARK)}-") + uuid.uuid4().hex[:6]
    namespace = about.get("namespace", context.environment.namespaces["jobs"])
    job = {
        "metadata": {"name": name, "labels": about["labels"]},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": int(timeout) + 30,  # what keeps it can still be read when the time is up
            "ttlSecondsAfterFinished": 600,
            "template": {"metadata": {"labels": about["labels"]}, "spec": pod["spec"]},
        },
    }
    context.cluster.batch.create_namespaced_job(namespace, job)
    try:
        return _result(context, namespace, name, timeout)
    finally:
        context.cluster.batch.delete_namespaced_job(name, namespace, propagation_policy="Background")


def _result(context: Context, namespace: str, name: str, timeout: float) -> dict[str, Any]:
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        pods = context.cluster.core.list_namespaced_pod(namespace, label_selector=f"job-name={name}").items
        if pods and pods[0].status.phase in ("Succeeded", "Failed"):
            return _read_result(context, pods[0])
        time.sleep(1)
    job = wait.Workload("Job", namespace, name)
    raise CheckFailed(wait.explain(context.cluster, job, f"did not end in {timeout:.0f} s"))


def _read_result(context: Context, pod: Any) -> dict[str, Any]:
    if pod.status.phase == "Failed":
        raise CheckFailed(f"pod {pod.metadata.name} failed: {wait.last_words(context.cluster, pod, 6)}")
    text = context.cluster.core.read_namespaced_pod_log(pod.metadata.name, pod.metadata.namespace, tail_lines=50)
    for line in text.splitlines():
        if line.startswith(RESULT):
            result: dict[str, Any] = json.loads(line.removeprefix(RESULT))
            return result
    raise CheckFailed(f"pod {pod.metadata.name} ended without a result: {text[-300:]}")


def run_in_server(context: Context, name: str, component: str, command: Sequence[str]) -> str:
    """Run a command in the running pod of a server.

    Args:
        context: The check's context.
        name: The server's chart.
        component: Which of the chart's servers.
        command: Program and arguments.

    Returns:
        What it printed.

    Raises:
        CheckFailed: No such pod runs, or the command failed.
    """
    namespace, core = context.environment.servers, context.cluster.core
    selector = f"app.kubernetes.io/name={name},app.kubernetes.io/component={component}"
    pods = core.list_namespaced_pod(namespace, label_selector=selector, field_selector="status.phase=Running").items
    expect(bool(pods), "its pod does not run")
    try:
        return context.cluster.execute(namespace, pods[0].metadata.name, command)
    except UserError as error:
        raise CheckFailed(f"it does not answer: {error}") from None


@contextmanager
def watch_executors(context: Context, namespace: str, drivers: str) -> Iterator[dict[str, set[str]]]:
    """Collect the executor pods that appear in a namespace while the block runs.

    Args:
        context: The check's context.
        namespace: Where executors are expected.
        drivers: Label selector of the driver pods whose executors count; others run there at the same time.

    Yields:
        Pod names by Spark application, growing.
    """
    seen: dict[str, set[str]] = {}
    owners: set[str] = set()
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.7):
            try:
                found = context.cluster.core.list_namespaced_pod(namespace, label_selector=drivers).items
                executors = context.cluster.core.list_namespaced_pod(
                    namespace, label_selector="spark-role=executor"
                ).items
            except (ApiException, HTTPError):
                # the next look is in a moment
                continue
            owners.update(pod.metadata.uid for pod in found)
            for pod in executors:
                mine = owners & {reference.uid for reference in pod.metadata.owner_references or []}
                if mine and pod.status.phase in ("Running", "Succeeded"):
                    seen.setdefault(pod.metadata.labels["spark-app-selector"], set()).add(pod.metadata.name)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()
