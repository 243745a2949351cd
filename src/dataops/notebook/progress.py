"""A live line per running Spark job under the cell that started it: stages, tasks, executors."""

from __future__ import annotations

import contextvars
import html
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

EVERY_SECONDS = 0.5
LAST_SECONDS = 2  # the longest that a cell's end waits for its last line
ALONE_SECONDS = 20  # without an executor; then it is said who holds them
WAITING = "waiting for the first executor"


@dataclass(frozen=True)
class Job:
    """A running job.

    Attributes:
        number: Spark's.
        stages: how many have begun, and how many there are.
        done: tasks that have ended.
        active: tasks that run.
        failed: tasks that failed and may run again.
        tasks: how many tasks the stages that have begun have.
    """

    number: int
    stages: tuple[int, int]
    done: int
    active: int
    failed: int
    tasks: int

    def __str__(self) -> str:
        """Return it in one line."""
        failed = f", {self.failed} failed" if self.failed else ""
        return (
            f"job {self.number}: stage {self.stages[0]} of {self.stages[1]}, {self.done} of {self.tasks} tasks,"
            f" {self.active} running{failed}"
        )


@dataclass(frozen=True)
class Progress:
    """What runs now, and what ran in this cell."""

    jobs: tuple[Job, ...]
    executors: str
    seen: int
    seconds: float

    def __repr__(self) -> str:
        """Return it as lines."""
        if not self.jobs:
            return f"{self.seen} Spark job{'s' * (self.seen != 1)}, {self.seconds:.1f} s"
        return "\n".join([*(str(job) for job in self.jobs), self.executors])

    def _repr_html_(self) -> str:
        bars = "".join(
            f'<div><progress max="{max(job.tasks, 1)}" value="{job.done}"></progress> {html.escape(str(job))}</div>'
            for job in self.jobs
        )
        return f"<small>{bars}{html.escape(self.executors if self.jobs else repr(self))}</small>"


def arrange(shell: Any) -> None:
    """Watch Spark while a cell runs."""
    watching: list[tuple[threading.Event, threading.Thread]] = []

    def before(info: Any) -> None:
        over = threading.Event()
        # what the thread shows belongs to this cell, also when the next one has begun
        run = contextvars.copy_context().run
        thread = threading.Thread(target=run, args=(_watch, over), name="dataops-progress", daemon=True)
        watching.append((over, thread))
        thread.start()

    def after(result: Any) -> None:
        while watching:
            over, thread = watching.pop()
            over.set()
            thread.join(LAST_SECONDS)  # who runs a notebook as a program keeps what came before the cell's end only

    shell.events.register("pre_run_cell", before)
    shell.events.register("post_run_cell", after)


def _watch(over: threading.Event) -> None:
    handle: Any = None
    begun, seen, last = time.monotonic(), set[int](), None
    alone = 0.0
    while not over.wait(EVERY_SECONDS):
        context = active_context()
        if context is None:
            continue
        try:
            jobs = running(context)
            executors = _executors(context) if jobs else ""
            alone = alone or time.monotonic() if executors == WAITING else 0.0
            if alone and time.monotonic() - alone > ALONE_SECONDS:
                executors = _why_none_came()
        except Exception:  # the session is about to begin or to end, or its JVM is gone, which the cell itself says
            continue
        lasting = tuple(job for job in jobs if job.number in seen)
        seen |= {job.number for job in jobs}
        now = Progress(lasting or jobs, executors, len(seen), time.monotonic() - begun)
        if handle is None and lasting:  # what ends in a moment needs no line
            from IPython.display import display

            handle = display(now, display_id=True)  # type: ignore[no-untyped-call]  # IPython has no types here
        elif handle is not None and jobs and (now.jobs, executors) != last:
            handle.update(now)
        last = (now.jobs, executors)
    if handle is not None:
        handle.update(Progress((), "", len(seen), time.monotonic() - begun))


def running(context: Any) -> tuple[Job, ...]:
    """Return the jobs that a Spark context runs now."""
    tracker = context.statusTracker()
    jobs = []
    for number in sorted(tracker.getActiveJobsIds()):
        info = tracker.getJobInfo(number)
        if info is None:
            continue  # it has just ended
        stages = [stage for stage in map(tracker.getStageInfo, info.stageIds) if stage is not None]
        begun = [stage for stage in stages if stage.numActiveTasks or stage.numCompletedTasks]
        jobs.append(
            Job(
                number,
                (len(begun), len(info.stageIds)),
                sum(stage.numCompletedTasks for stage in begun),
                sum(stage.numActiveTasks for stage in begun),
                sum(stage.numFailedTasks for stage in begun),
                sum(stage.numTasks for stage in begun),
            )
        )
    return tuple(jobs)


def _why_none_came() -> str:
    from dataops.config import Settings  # here: a cell without Spark does not wait for these
    from dataops.spark.executors import why_none_came

    return why_none_came(Settings.load())


def active_context() -> Any:
    """Return this process's Spark context; None where Spark does not run."""
    pyspark: Any = sys.modules.get("pyspark")
    return getattr(getattr(pyspark, "SparkContext", None), "_active_spark_context", None)


def _executors(context: Any) -> str:
    if str(context.master).startswith("local"):
        return "in this kernel"
    count = len(context._jsc.sc().statusTracker().getExecutorInfos()) - 1  # the driver counts itself
    return f"{count} executor{'s' * (count != 1)}" if count else WAITING
