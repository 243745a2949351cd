"""Metrics on their way to MLflow: a call costs the caller microseconds, a thread sends them a thousand at a time.

Why not MLflow's own asynchronous logging: docs/decisions/0010-metrics-in-batches.md. MLflow keeps what arrives twice
once, so whatever may not have arrived is sent again.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import deque
from typing import TYPE_CHECKING

from dataops.errors import UserError
from dataops.mlflow._failures import is_refusal, sentence

if TYPE_CHECKING:
    from mlflow.entities import Metric, RunTag

BATCH = 1000  # as many as MLflow takes at once
SECONDS = 1.0  # until MLflow's pages show what was logged
LIMIT = 100_000  # of those that wait; then the caller waits too

_log = logging.getLogger("dataops")


class Sender:
    """A queue of metrics and tags, and the thread that empties it."""

    def __init__(self) -> None:
        """Start empty; the thread starts with the first metric."""
        self._reset()

    def _reset(self) -> None:
        self._waiting: deque[tuple[str, Metric | RunTag]] = deque()
        self._sending = threading.Lock()
        self._many = threading.Event()
        self._thread: threading.Thread | None = None
        self._told = False

    def add(self, run_id: str, item: Metric | RunTag) -> None:
        """Queue a metric or a tag of a run.

        Raises:
            UserError: Too many wait already, and MLflow takes none.
        """
        self._waiting.append((run_id, item))
        if self._thread is None:
            self._start()
        if len(self._waiting) >= BATCH:
            self._many.set()
            if len(self._waiting) >= LIMIT:
                self.flush()

    def flush(self) -> None:
        """Send everything that waits, and return when MLflow has it.

        Raises:
            UserError: MLflow does not answer, then everything goes on waiting; or it refused some, which are given up.
        """
        from mlflow.exceptions import MlflowException

        with self._sending:
            while self._waiting:
                run_id, items = self._next()
                try:
                    _send(run_id, items)
                except MlflowException as error:
                    if not is_refusal(error):
                        raise UserError(f"{sentence(error)}; {len(self._waiting)} values wait to be sent") from error
                    self._remove(len(items))
                    raise UserError(f"{len(items)} values of run {run_id} are lost: {sentence(error)}") from error
                self._remove(len(items))

    def flush_or_say(self) -> None:
        """Send everything that waits; where nobody could catch an error, say it, and the same one only once."""
        try:
            self.flush()
            self._told = False
        except UserError as error:
            if not self._told:
                _log.error("%s", error)
            self._told = bool(self._waiting)

    def _next(self) -> tuple[str, list[Metric | RunTag]]:
        run_id = self._waiting[0][0]
        items = []
        for index in range(min(len(self._waiting), BATCH)):
            owner, item = self._waiting[index]
            if owner != run_id:
                break
            items.append(item)
        return run_id, items

    def _remove(self, count: int) -> None:
        for _ in range(count):
            self._waiting.popleft()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._send_for_ever, name="dataops-mlflow", daemon=True)
        self._thread.start()
        atexit.register(self._say_goodbye)  # before MLflow ends the run, which it does in a handler registered earlier
        os.register_at_fork(after_in_child=self._reset)  # a child sends what is its own

    def _send_for_ever(self) -> None:
        while True:
            self._many.wait(SECONDS)
            self._many.clear()
            self.flush_or_say()

    def _say_goodbye(self) -> None:
        self._told = False
        self.flush_or_say()


def _send(run_id: str, items: list[Metric | RunTag]) -> None:
    from mlflow import MlflowClient
    from mlflow.entities import Metric, RunTag

    metrics = [item for item in items if isinstance(item, Metric)]
    tags = {item.key: item for item in items if isinstance(item, RunTag)}  # the last word on each counts
    MlflowClient().log_batch(run_id, metrics=metrics, tags=list(tags.values()))


SENDER = Sender()
"""The one of this process."""
