"""What Airflow's tasks cost on the running platform: fifty at once, and waits off pods (G8)."""

import json
import sys
import time
from datetime import datetime
from typing import Any

from bench import report
from dataops.cli.place import place
from dataops.errors import UserError
from dataops.platform.smoke.airflow import Airflow
from dataops.platform.smoke.context import CheckFailed, Context

DAG = "platform_load"
TASKS, WAITS = 50, 5
SECONDS, CPU = 240, 4.0
SETTLE = 40  # the node counts a container's CPU time every ten to twenty seconds


def main() -> int:
    """Run the DAG once and print what it cost.

    Returns:
        The exit code.

    Raises:
        UserError: The platform does not run, or the run did not end well.
    """
    here = place("local")
    context = Context(here.root, here.cluster(), here.environment)
    try:
        results, details = measure(context)
    except CheckFailed as error:
        raise UserError(str(error)) from None
    print(report.table(results))
    print(report.write(here.root, "pipeline", results, details))
    return 0 if all(one.met for one in results) else 1


def measure(context: Context) -> tuple[list[report.Measured], dict[str, Any]]:
    """Run the DAG and read what its tasks said and the triggerer computed.

    Args:
        context: The running platform.

    Returns:
        The goals, and every figure behind them.
    """
    airflow = Airflow(context, DAG)
    airflow.wait_for_dag(120)
    time.sleep(SETTLE)
    idle = _triggerer(context)
    time.sleep(SETTLE)
    idle, before = _triggerer(context) - idle, _triggerer(context)
    begin = time.monotonic()
    run = airflow.trigger()
    airflow.wait_for_run(run, 1200)
    time.sleep(SETTLE)
    passed = time.monotonic() - begin
    # what the triggerer computes anyway in so much time is no wait's
    triggerer = max(_triggerer(context) - before - idle * passed / SETTLE, 0.001)
    tasks = airflow.tasks(run)
    work = [one for one in tasks if one["task_id"] == "work"]
    fifty = max(_moment(one["end_date"]) for one in work) - min(_moment(one["scheduled_when"]) for one in work)
    cpu = sorted(airflow.xcom(run, "work", number) for number in range(TASKS))
    pod = sum(airflow.xcom(run, "look", number) for number in range(WAITS))
    left = _pods_left(context)
    waited_in_pod = [one["task_id"] for one in tasks if one["task_id"].startswith("wait_") and one["pid"]]
    well = sum(one["state"] == "success" for one in work)
    details = {"run": run, "seconds": fifty, "cpu": cpu, "triggerer_cpu": triggerer, "pods_cpu": pod, "pods_left": left}
    return [
        report.counted("tasks", f"of {TASKS} at once that ended well", TASKS, well, TASKS),
        report.exact("tasks", "seconds until the last has ended", SECONDS, fifty, "s", 1),
        report.exact("tasks", "CPU of the dearest pod", CPU, cpu[-1], "CPU s", 1),
        report.counted("tasks", "pods that are gone afterwards", TASKS, TASKS - len(left), TASKS),
        report.exact("G8", f"{WAITS} waits in pods, beside the triggerer's", pod, triggerer, "CPU s", 10),
        report.counted("G8", "waits without a pod", WAITS, WAITS - len(waited_in_pod), WAITS),
    ], details


def _triggerer(context: Context) -> float:
    """CPU seconds of the triggerer since it started, as its node counts them."""
    for node in context.cluster.core.list_node().items:
        answer = context.cluster.core.connect_get_node_proxy_with_path(
            node.metadata.name, "stats/summary", _preload_content=False
        )
        for pod in json.loads(answer.data)["pods"]:
            if pod["podRef"]["name"].startswith("airflow-triggerer-"):
                return float(pod["cpu"]["usageCoreNanoSeconds"]) / 1e9
    raise CheckFailed("no node counts the triggerer's CPU time: is Airflow installed?")


def _pods_left(context: Context) -> list[str]:
    """Task pods that the run left behind."""
    pods = context.cluster.core.list_namespaced_pod(
        context.environment.namespaces["jobs"], label_selector=f"dag_id={DAG}"
    )
    return [pod.metadata.name for pod in pods.items]


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        sys.exit(f"error: {error}")
