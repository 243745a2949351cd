"""The policy every DAG of this platform shares: owner, retries, schedule, one run at a time."""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable

LOAD = "{{ (dag_run.logical_date or dag_run.run_after) | ds }}"
"""The day a run stands for, as YYYY-MM-DD; a run triggered by hand without a logical date stands for today."""

_TASK_DEFAULTS: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(hours=2),
}


def daily_dag(dag_id: str, *, owner: str, description: str, tags: list[str], hour: int = 2) -> DAG:
    """Declare a DAG that runs once a day; use it as `with daily_dag(...):`.

    A new DAG is switched on and waits for its hour: deploying starts nothing, a missed day is not caught up (clear or
    trigger a run for it), and a run never overlaps the one before.

    Args:
        dag_id: its name in Airflow, the same as its file's.
        owner: who is called when it fails.
        description: one sentence for the list of DAGs.
        tags: words to filter the list by.
        hour: hour of the day, UTC.
    """
    return DAG(
        dag_id=dag_id,
        description=description,
        tags=tags,
        schedule=CronTriggerTimetable(f"0 {hour} * * *", timezone="UTC", run_immediately=timedelta(0)),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        default_args={**_TASK_DEFAULTS, "owner": owner},
    )
