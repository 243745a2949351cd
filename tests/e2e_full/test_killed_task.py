"""The pod of a task that is killed while it publishes: Airflow tries again, and the table is as without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dataops.platform.smoke.airflow import Airflow
from dataops.platform.smoke.context import Context
from dataops.platform.smoke.pods import program_pod, run_pod
from tests.e2e.pods import until

TASK = "silver"
SUM = Path(__file__).parent / "inside/sum_of_flights.py"


def flights(context: Context) -> dict[str, Any]:
    """What a reader sees of the table."""
    pod = program_pod(context, "tables", spark=False)
    pod["spec"]["containers"][0]["args"] = ["python", "-c", SUM.read_text(encoding="utf-8")]
    return run_pod(context, pod, 240)


def running_driver(context: Context) -> str | None:
    """The name of the task's pod once its driver has an executor: then it computes."""
    namespace = context.environment.namespaces["jobs"]
    pods = context.cluster.core.list_namespaced_pod(namespace).items
    owners = {
        owner.name
        for pod in pods
        if (pod.metadata.labels or {}).get("spark-role") == "executor" and pod.status.phase == "Running"
        for owner in pod.metadata.owner_references or ()
    }
    drivers = [pod.metadata.name for pod in pods if (pod.metadata.labels or {}).get("task_id") == TASK]
    return next((name for name in drivers if name in owners), None)


def test_a_killed_task_is_tried_again_and_changes_nothing(context: Context) -> None:
    airflow = Airflow(context)
    airflow.wait_for_dag(240)
    airflow.wait_for_run(airflow.trigger(), 900)
    before = flights(context)
    run = airflow.trigger()
    victim = until(lambda: running_driver(context), 600, f"task {TASK} has no executor yet")
    namespace = context.environment.namespaces["jobs"]
    context.cluster.core.delete_namespaced_pod(victim, namespace, grace_period_seconds=0)
    assert flights(context) == before  # nobody sees a part of it
    airflow.wait_for_run(run, 900)
    tries = {task["task_id"]: task["try_number"] for task in airflow.tasks(run)}
    assert tries[TASK] == 2, tries
    assert flights(context) == before
