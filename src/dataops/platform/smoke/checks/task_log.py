"""A finished task's log is readable through Airflow after its pod is gone."""

from dataops.platform.smoke.airflow import Airflow
from dataops.platform.smoke.context import Context, expect

TITLE = "A task's log is readable after its pod is gone"
ORDER = 60
LOOK = "see bucket dataops-platform, prefix airflow-logs/, and the log settings in charts/airflow"
TASK = "silver"
# what every stage logs at its end: one JSON line with the rows that went in and out
EXPECTED = "rows_out"


def check(context: Context) -> str:
    """Read the log of the last successful run's silver task and expect its pods to be gone."""
    airflow = Airflow(context)
    run = airflow.last_success()
    attempt = next(task["try_number"] for task in airflow.tasks(run) if task["task_id"] == TASK)
    text = airflow.log(run, TASK, attempt)
    expect(EXPECTED in text, f"the log of {run}/{TASK} does not say {EXPECTED}: {text[:200]}")
    namespace = context.environment.namespaces["jobs"]
    pods = context.cluster.core.list_namespaced_pod(namespace, label_selector=f"task_id={TASK}").items
    running = [pod.metadata.name for pod in pods if pod.status.phase in ("Pending", "Running")]
    expect(not running, f"pods of {TASK} still run: {', '.join(running)}")
    return f"{len(text)} characters of {run}/{TASK}"
