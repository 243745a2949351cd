"""What Airflow's tasks cost on the running platform: fifty at once, and waits off pods (G8)."""

import json
import sys
import time
from datetime import datetime
from typing import Any, NamedTuple

from bench import report
from dataops.cli.place import place
from dataops.errors import UserError
from dataops.platform.smoke.airflow import Airflow
from dataops.platform.smoke.context import CheckFailed, Context, expect

DAG = "platform_load"
TASKS, WAITS, LOOKS = 50, 20, 5
SECONDS, CPU = 240, 4.0
IDLE = 120  # seconds of looking at a triggerer that has nothing to do
SETTLE = 25  # the node counts CPU time every ten to twenty seconds, and as long takes a pod to go


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
    start = _triggerer(context)
    time.sleep(IDLE)
    before = _triggerer(context)
    run = airflow.trigger()
    _wait_for_waits(airflow, run)
    time.sleep(SETTLE)
    after = _triggerer(context)
    airflow.wait_for_run(run, 1200)
    time.sleep(SETTLE)
    idle = (before.used - start.used) / (before.at - start.at)
    # what the triggerer computes anyway in so much time is no wait's
    waiting = after.used - before.used - idle * (after.at - before.at)
    tasks = airflow.tasks(run)
    work = [one for one in tasks if one["task_id"] == "work"]
    fifty = max(_moment(one["end_date"]) for one in work) - min(_moment(one["scheduled_when"]) for one in work)
    cpu = sorted(airflow.xcom(run, "work", number) for number in range(TASKS))
    pod = sum(airflow.xcom(run, "look", number) for number in range(LOOKS)) / LOOKS
    left = _pods_left(context)
    waited_in_pod = [one["task_id"] for one in tasks if _waits(one) and one["pid"]]
    well = sum(one["state"] == "success" for one in work)
    details = {
        "run": run,
        "seconds": fifty,
        "cpu": cpu,
        "idle": idle,
        "waiting": waiting,
        "pod": pod,
        "pods_left": left,
    }
    return [
        report.counted("tasks", f"of {TASKS} at once that ended well", TASKS, well, TASKS),
        report.exact("tasks", "seconds until the last has ended", SECONDS, fifty, "s", 1),
        report.exact("tasks", "CPU of the dearest pod", CPU, cpu[-1], "CPU s", 1),
        report.counted("tasks", "pods that are gone afterwards", TASKS, TASKS - len(left), TASKS),
        report.exact("G8", "a wait in a pod, and in the triggerer", pod, max(waiting / WAITS, 0.001), "CPU s", 10),
        report.counted("G8", "waits without a pod", WAITS, WAITS - len(waited_in_pod), WAITS),
    ], details


def _wait_for_waits(airflow: Airflow, run: str) -> None:
    end = time.monotonic() + SECONDS
    while (states := [one["state"] for one in airflow.tasks(run) if _waits(one)]) != ["success"] * WAITS:
        expect(time.monotonic() < end, f"the waits of run {run} are {states} after {SECONDS} s")
        time.sleep(1)


def _waits(task: dict[str, Any]) -> bool:
    return str(task["task_id"]).startswith("wait_")


class Used(NamedTuple):
    """What a container has computed until a moment."""

    at: float
    used: float


def _triggerer(context: Context) -> Used:
    """CPU seconds of the triggerer since it started, as its node counted them last."""
    for node in context.cluster.core.list_node().items:
        answer = context.cluster.core.connect_get_node_proxy_with_path(
            node.metadata.name, "stats/summary", _preload_content=False
        )
        for pod in json.loads(answer.data)["pods"]:
            if pod["podRef"]["name"].startswith("airflow-triggerer-"):
                return Used(_moment(pod["cpu"]["time"]), float(pod["cpu"]["usageCoreNanoSeconds"]) / 1e9)
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
