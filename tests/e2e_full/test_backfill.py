"""Two days are backfilled at once, and a task's pod, an executor and a driver killed: nobody ever sees half a table."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from dataops.platform.process import run
from dataops.platform.smoke.airflow import DAG, Airflow
from dataops.platform.smoke.checks import tables
from dataops.platform.smoke.context import Context
from dataops.platform.tools import ensure_tool
from dataops.pods import job_pod
from tests.e2e import pods

INSIDE = Path(__file__).parent / "inside"
DAYS = ["--from-date", "2013-12-30", "--to-date", "2014-01-01"]
RUNS = [f"backfill__2013-12-{day}T02:00:00+00:00" for day in (30, 31)]
# a task's pod that has only begun, an executor at work, and the driver that lost it
SILVER = f"dag_id={DAG},task_id=silver"
KILLED = [f"{SILVER},kubernetes_executor=True", "spark-role=executor", f"{SILVER},kubernetes_pod_operator=True"]
FOUND_SECONDS, RUN_SECONDS = 600, 2400


def running(context: Context, labels: str) -> str | None:
    """The name of a running pod among the jobs."""
    found = context.cluster.core.list_namespaced_pod(context.environment.namespaces["jobs"], label_selector=labels)
    return next((str(pod.metadata.name) for pod in found.items if pod.status.phase == "Running"), None)


def kill(context: Context, labels: str) -> None:
    """End the first such pod that runs as a lost machine does: without a word to its processes."""
    name = pods.until(partial(running, context, labels), FOUND_SECONDS, f"no pod with {labels} ran")
    context.cluster.core.delete_namespaced_pod(name, context.environment.namespaces["jobs"], grace_period_seconds=0)


def tries(airflow: Airflow) -> int:
    """How often silver was tried again, in all runs together."""
    tasks = airflow.get(f"/dags/{DAG}/dagRuns/~/taskInstances?task_id=silver&limit=100")["task_instances"]
    return sum(max(task["try_number"] - 1, 0) for task in tasks if task["task_id"] == "silver")


def reader(context: Context) -> dict[str, Any]:
    """A pod with the account of jobs that reads both tables until it is told to end."""
    pod = job_pod(image=context.job_image, component="task", size="small", spark=False)
    pod["spec"]["containers"][0]["args"] = ["python", "-c", (INSIDE / "versions_seen.py").read_text(encoding="utf-8")]
    pod["metadata"]["generateName"] = "reader-"
    return pod


def test_killed_pods_of_a_backfill_leave_whole_tables(context: Context) -> None:
    airflow, space = Airflow(context), context.environment.namespaces["jobs"]
    airflow.wait_for_dag(120)
    before = tries(airflow)
    words = ["exec", "deploy/airflow-scheduler", "--", "airflow", "backfill", "create", "--dag-id", DAG, *DAYS]
    words += ["--max-active-runs", "2", "--reprocess-behavior", "completed"]
    with pods.running(context, space, reader(context)) as seen:
        run([ensure_tool("kubectl"), "-n", context.environment.servers, *words], env=context.cluster.environ)
        for labels in KILLED:
            kill(context, labels)
        for name in RUNS:
            airflow.wait_for_run(name, RUN_SECONDS)
        log = run(
            [ensure_tool("kubectl"), "-n", space, "exec", seen.metadata.name, "--", "cat", "/tmp/seen.json"],
            env=context.cluster.environ,
        ).stdout
    told = json.loads(log)
    assert told["looks"] > 3 and {name: len(found) for name, found in told["seen"].items()} == {
        "silver.flights": 1,
        "gold.delays": 1,
    }, told
    assert tries(airflow) > before, "the killed driver was tried again by nobody"
    tables.check(context)
