"""Waits that start and end in the triggerer: no worker pod, however long they take."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator
from airflow.triggers.base import StartTriggerArgs

from dataops.airflow._dags import LOAD
from dataops.tables.names import split_name

_PATIENCE = timedelta(hours=6)
_EVERY = 30.0


class LakeSensor(BaseOperator):
    """Waits for one answer about the lake; made by the functions below."""

    template_fields: Sequence[str] = ("asked",)
    ui_color = "#e8f4e8"
    start_from_trigger = True

    def __init__(self, *, question: str, asked: Mapping[str, Any], every: float, timeout: timedelta, **more: Any):
        """Remember the question.

        Args:
            question: a key of `dataops.airflow.triggers.QUESTIONS`.
            asked: its arguments; may hold Airflow templates.
            every: seconds between two looks.
            timeout: how long to wait.
            more: what every operator takes.
        """
        super().__init__(**more)
        self.question, self.asked, self.every, self.timeout = question, dict(asked), every, timeout
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="dataops.airflow.triggers.LakeTrigger",
            trigger_kwargs={"question": question, "asked": self.asked, "every": every},
            next_method="execute_complete",
            next_kwargs=None,
            timeout=timeout,
        )

    def execute(self, context: Any) -> None:
        """Do the same from a worker: only a run on one's own machine comes here."""
        from dataops.airflow.triggers import LakeTrigger

        trigger = LakeTrigger(self.question, self.asked, self.every)
        self.defer(trigger=trigger, method_name="execute_complete", timeout=self.timeout)

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Do nothing more: the trigger has ended the task."""


def s3_ready(task_id: str, *, path: str, every: float = _EVERY, timeout: timedelta = _PATIENCE) -> LakeSensor:
    """Wait until an object is there, or anything below a prefix.

    Args:
        task_id: name of the task.
        path: key in the lake, such as `bronze/visits/{LOAD}/_delivery.json`; a prefix ends in a slash. A delivery of
            several files is complete when its last one is there, so wait for that one.
        every: seconds between two looks.
        timeout: how long to wait before the task fails.
    """
    return _sensor(task_id, "something_at", {"path": path}, every, timeout)


def table_fresh(
    task_id: str, *, table: str, since: str = LOAD, every: float = _EVERY, timeout: timedelta = _PATIENCE
) -> LakeSensor:
    """Wait until a table was published at this moment or later.

    Args:
        task_id: name of the task.
        table: the table, such as `silver.flights`; it may not exist yet.
        since: a day or an instant in ISO form; the run's day when not given.
        every: seconds between two looks.
        timeout: how long to wait before the task fails.

    Raises:
        UserError: the table's name is none.
    """
    split_name(table)
    return _sensor(task_id, "committed_since", {"table": table, "since": since}, every, timeout)


def partition_there(
    task_id: str,
    *,
    table: str,
    partition: Mapping[str, str],
    every: float = _EVERY,
    timeout: timedelta = _PATIENCE,
) -> LakeSensor:
    """Wait until a table's newest snapshot holds rows of a partition.

    Args:
        task_id: name of the task.
        table: the table, such as `silver.flights`; it may not exist yet.
        partition: the table's partition fields with their values as text, such as `{"day": LOAD}`.
        every: seconds between two looks.
        timeout: how long to wait before the task fails.

    Raises:
        UserError: the table's name is none.
    """
    split_name(table)
    return _sensor(task_id, "has_partition", {"table": table, "partition": dict(partition)}, every, timeout)


def _sensor(task_id: str, question: str, asked: Mapping[str, Any], every: float, timeout: timedelta) -> LakeSensor:
    return LakeSensor(task_id=task_id, question=question, asked=asked, every=every, timeout=timeout)
