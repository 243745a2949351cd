"""What waits in the triggerer: asks a question of the lake every now and then, and ends the task itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from airflow.triggers.base import BaseTrigger, TaskFailedEvent, TaskSuccessEvent, TriggerEvent

from dataops.airflow import _lake
from dataops.errors import UserError

QUESTIONS: dict[str, Callable[..., bool]] = {
    "something_at": _lake.something_at,
    "committed_since": _lake.committed_since,
    "has_partition": _lake.has_partition,
}


class LakeTrigger(BaseTrigger):
    """Waits until a question about the lake is answered with yes."""

    def __init__(self, question: str, asked: dict[str, Any], every: float) -> None:
        """Remember the question.

        Args:
            question: a key of `QUESTIONS`.
            asked: its arguments; Airflow fills in templates before `run`.
            every: seconds between two looks.
        """
        super().__init__()
        self.question, self.asked, self.every = question, asked, every

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what makes the same trigger again after a restart."""
        return f"{__name__}.LakeTrigger", {"question": self.question, "asked": self.asked, "every": self.every}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Ask until the answer is yes; a wrong question or a refused account ends the task with one sentence."""
        failures = 0
        while True:
            try:
                # a thread, so that a slow store holds up no other trigger
                if await asyncio.to_thread(QUESTIONS[self.question], **self.asked):
                    yield TaskSuccessEvent()
                    return
                failures = 0
            except (UserError, ValueError, OSError) as error:
                failures += 1
                self.log.error("%s", error)
                if failures == PATIENCE:
                    yield TaskFailedEvent()
                    return
            await asyncio.sleep(self.every)


PATIENCE = 5
"""How many refusals in a row end a wait: a store that restarts has answered by then, a wrong key never does."""
