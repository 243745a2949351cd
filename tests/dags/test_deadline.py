"""A run that takes too long is reported: the deadline of daily_dag fires, through Airflow's code and a database."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.models.callback import TriggererCallback
from airflow.models.deadline import Deadline
from airflow.models.serialized_dag import SerializedDagModel
from airflow.triggers.callback import CallbackTrigger
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select

DAG = """
from dataops.airflow import daily_dag, python_task
with daily_dag("late", owner="night-shift", description="Late.", tags=["test"], deadline_hours=2):
    python_task("never", module="jobs.example")
"""


def test_a_run_that_is_late_is_reported_with_its_owner(
    database: Callable[[str], Any], caplog: pytest.LogCaptureFixture
) -> None:
    session = database(DAG)
    dag = SerializedDagModel.get_dag("late", session=session)
    now = datetime.now(UTC)
    run = dag.create_dagrun(
        run_id="yesterday",
        run_type=DagRunType.MANUAL,
        triggered_by=DagRunTriggeredByType.TEST,
        run_after=now,
        state=DagRunState.QUEUED,
        session=session,
    )
    session.flush()
    (deadline,) = session.scalars(select(Deadline)).all()
    assert deadline.dagrun_id == run.id
    assert abs(deadline.deadline_time - now - timedelta(hours=2)) < timedelta(minutes=1)

    deadline.handle_miss(session)  # what the scheduler does once the time is over
    session.flush()
    (callback,) = session.scalars(select(TriggererCallback)).all()
    assert deadline.missed and callback.trigger is not None

    trigger = CallbackTrigger(callback_path=callback.data["path"], callback_kwargs=callback.data["kwargs"])
    with caplog.at_level(logging.ERROR, "dataops.alerts"):
        *_, last = asyncio.run(_events(trigger))
    said = "run yesterday of DAG late has not finished within 2 hours; call night-shift"
    assert last.payload == {"state": "success", "body": said} and said in caplog.text


async def _events(trigger: CallbackTrigger) -> list[Any]:
    return [event async for event in trigger.run()]
