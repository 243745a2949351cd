"""The policy every DAG of this platform shares: owner, retries, timeouts, schedule, one run at a time, a deadline."""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, AsyncCallback, CronTriggerTimetable, DeadlineAlert, DeadlineReference

from dataops.airflow.alerts import deadline_missed

LOAD = "{{ (dag_run.logical_date or dag_run.run_after) | ds }}"
"""The day a run stands for, as YYYY-MM-DD; a run triggered by hand without a logical date stands for today."""

_TASK_DEFAULTS: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(hours=2),
}


def daily_dag(
    dag_id: str, *, owner: str, description: str, tags: list[str], hour: int = 2, deadline_hours: float = 6
) -> DAG:
    """Declare a DAG that runs once a day; use it as `with daily_dag(...):`.

    A new DAG is switched on and waits for its hour: deploying starts nothing, a missed day is not caught up (clear or
    trigger a run for it, or backfill), and a run never overlaps the one before.

    Args:
        dag_id: its name in Airflow, the same as its file's.
        owner: who is called when it fails or is late.
        description: one sentence for the list of DAGs.
        tags: words to filter the list by.
        hour: hour of the day, UTC.
        deadline_hours: a run that takes longer, waits included, is reported as late.
    """
    schedule = CronTriggerTimetable(f"0 {hour} * * *", timezone="UTC", run_immediately=timedelta(0))
    return _dag(dag_id, owner, description, tags, deadline_hours, schedule)


def manual_dag(dag_id: str, *, owner: str, description: str, tags: list[str], deadline_hours: float = 6) -> DAG:
    """Declare a DAG that runs only when somebody starts it; arguments as for `daily_dag`."""
    return _dag(dag_id, owner, description, tags, deadline_hours, None)


def _dag(dag_id: str, owner: str, description: str, tags: list[str], deadline_hours: float, schedule: Any) -> DAG:
    late = DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=deadline_hours),
        callback=AsyncCallback(deadline_missed, kwargs={"owner": owner, "hours": deadline_hours}),
    )
    return DAG(
        dag_id=dag_id,
        description=description,
        tags=tags,
        schedule=schedule,
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        deadline=late,
        default_args={**_TASK_DEFAULTS, "owner": owner},
    )
