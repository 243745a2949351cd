"""What an event log says about one application, added up while it is read: two numbers a task are all that is kept."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from dataops.spark.report.plan import Plans

Event = dict[str, Any]


@dataclass
class Stage:
    """One attempt of a stage: its tasks that succeeded.

    Attributes:
        id: Its number.
        began: When its first task began, in milliseconds.
        ended: When its last task was done.
        milliseconds: What each task took.
        bytes_in: What each task read: of files and of shuffles, in the order of `milliseconds`.
        rows_in: The same in rows.
        run: Milliseconds that tasks ran, all together.
        collecting: Of them, those of garbage collection.
        spilled: Bytes that did not fit into memory, as they lay on disk.
        files_in: Bytes read of files.
        writers: Tasks that wrote rows to files.
        written: Bytes they wrote.
        accumulators: Ids of what Spark counted in it: they name nodes of the query's plan.
    """

    id: int
    began: int = 0
    ended: int = 0
    milliseconds: array[int] = field(default_factory=lambda: array("q"))
    bytes_in: array[int] = field(default_factory=lambda: array("q"))
    rows_in: array[int] = field(default_factory=lambda: array("q"))
    run: int = 0
    collecting: int = 0
    spilled: int = 0
    files_in: int = 0
    writers: int = 0
    written: int = 0
    accumulators: set[int] = field(default_factory=set)

    @property
    def seconds(self) -> float:
        """What it took, without the wait for executors."""
        return (self.ended - self.began) / 1000


@dataclass
class Executor:
    """How long one executor was there, in milliseconds of the clock, and what it did, in milliseconds of its cores."""

    cores: int
    added: int
    removed: int | None = None
    worked: int = 0


@dataclass
class Run:
    """One application."""

    id: str = ""
    name: str = ""
    profile: str = ""
    started: int = 0
    ended: int | None = None
    latest: int = 0
    stages: dict[tuple[int, int], Stage] = field(default_factory=dict)
    executors: dict[str, Executor] = field(default_factory=dict)
    jobs: dict[int, tuple[int, int | None]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    failed_milliseconds: int = 0
    plans: Plans = field(default_factory=Plans)

    @property
    def end(self) -> int:
        """When it ended, or the last thing known of it."""
        return self.ended or self.latest

    @property
    def seconds(self) -> float:
        """How long it took."""
        return max(0, self.end - self.started) / 1000

    @property
    def cores(self) -> int:
        """The most cores that were there at one time."""
        changes = [(one.added, one.cores) for one in self.executors.values()]
        changes += [(one.removed, -one.cores) for one in self.executors.values() if one.removed]
        now = most = 0
        for _, change in sorted(changes):
            now += change
            most = max(most, now)
        return most


def read(lines: Iterable[bytes]) -> Run:
    """Add up an event log.

    Args:
        lines: Its events; one that is cut off or of no interest is passed over.

    Returns:
        The application.
    """
    run = Run()
    for line in lines:
        kind = line[10:90].partition(b'"')[0]  # {"Event":"SparkListenerTaskEnd",...: most are not worth parsing
        handler = _HANDLERS.get(kind.rpartition(b".")[2].decode(errors="replace"))
        if handler:
            handler(run, json.loads(line))
    return run


def _application_start(run: Run, event: Event) -> None:
    run.id, run.name, run.started = event.get("App ID") or "", event["App Name"], event["Timestamp"]
    run.latest = run.started


def _environment(run: Run, event: Event) -> None:
    run.profile = dict(event["Spark Properties"]).get("spark.dataops.profile", "")


def _application_end(run: Run, event: Event) -> None:
    run.ended = event["Timestamp"]


def _executor_added(run: Run, event: Event) -> None:
    run.executors[event["Executor ID"]] = Executor(event["Executor Info"]["Total Cores"], event["Timestamp"])


def _executor_removed(run: Run, event: Event) -> None:
    if one := run.executors.get(event["Executor ID"]):
        one.removed = event["Timestamp"]


def _job_start(run: Run, event: Event) -> None:
    run.jobs[event["Job ID"]] = (event["Submission Time"], None)


def _job_end(run: Run, event: Event) -> None:
    if event["Job ID"] in run.jobs:  # a compacted log has lost the beginning of some
        run.jobs[event["Job ID"]] = (run.jobs[event["Job ID"]][0], event["Completion Time"])
    run.latest = max(run.latest, event["Completion Time"])


def _stage_completed(run: Run, event: Event) -> None:
    about = event["Stage Info"]
    stage = run.stages.setdefault((about["Stage ID"], about["Stage Attempt ID"]), Stage(about["Stage ID"]))
    stage.accumulators = {one["ID"] for one in about.get("Accumulables", [])}


def _task_end(run: Run, event: Event) -> None:
    about, reason = event["Task Info"], event["Task End Reason"]
    took = about["Finish Time"] - about["Launch Time"]
    run.latest = max(run.latest, about["Finish Time"])
    if one := run.executors.get(about["Executor ID"]):
        one.worked += took
    if reason["Reason"] == "Success":
        key = (event["Stage ID"], event["Stage Attempt ID"])
        stage = run.stages.setdefault(key, Stage(key[0], began=about["Launch Time"]))
        stage.began, stage.ended = min(stage.began, about["Launch Time"]), max(stage.ended, about["Finish Time"])
        _add_task(stage, took, event.get("Task Metrics") or {})
    elif reason["Reason"] != "TaskKilled":  # the other one of two attempts was faster, or somebody cancelled the query
        run.failures[_cause(reason)] += 1
        run.failed_milliseconds += took


def _add_task(stage: Stage, took: int, metrics: Event) -> None:
    shuffle, files, output = (
        metrics.get(name, {}) for name in ("Shuffle Read Metrics", "Input Metrics", "Output Metrics")
    )
    stage.milliseconds.append(took)
    stage.bytes_in.append(
        shuffle.get("Remote Bytes Read", 0) + shuffle.get("Local Bytes Read", 0) + files.get("Bytes Read", 0)
    )
    stage.rows_in.append(shuffle.get("Total Records Read", 0) + files.get("Records Read", 0))
    stage.run += metrics.get("Executor Run Time", 0)
    stage.collecting += metrics.get("JVM GC Time", 0)
    stage.spilled += metrics.get("Disk Bytes Spilled", 0)
    stage.files_in += files.get("Bytes Read", 0)
    stage.written += output.get("Bytes Written", 0)
    stage.writers += output.get("Records Written", 0) > 0


def _cause(reason: Event) -> str:
    if reason["Reason"] == "ExecutorLostFailure":
        return str(reason.get("Loss Reason") or "its executor was lost").strip().splitlines()[0]
    if reason["Reason"] == "FetchFailed":
        return "rows of a shuffle were gone with their executor"
    said = str(reason.get("Description") or reason.get("Full Stack Trace") or "").strip().splitlines()
    # a failure of Python arrives as a traceback, whose last line says what happened
    last = next((line for line in reversed(said) if line.strip() and not line.startswith((" ", "\t"))), "")
    return f"{str(reason.get('Class Name', reason['Reason'])).rpartition('.')[2]}: {last}"[:200].rstrip(": ")


_HANDLERS: dict[str, Callable[[Run, Event], None]] = {
    "SparkListenerApplicationStart": _application_start,
    "SparkListenerEnvironmentUpdate": _environment,
    "SparkListenerApplicationEnd": _application_end,
    "SparkListenerExecutorAdded": _executor_added,
    "SparkListenerExecutorRemoved": _executor_removed,
    "SparkListenerJobStart": _job_start,
    "SparkListenerJobEnd": _job_end,
    "SparkListenerStageCompleted": _stage_completed,
    "SparkListenerTaskEnd": _task_end,
    "SparkListenerSQLExecutionStart": lambda run, event: run.plans.add(event["sparkPlanInfo"]),
    "SparkListenerSQLAdaptiveExecutionUpdate": lambda run, event: run.plans.add(event["sparkPlanInfo"]),
    "SparkListenerDriverAccumUpdates": lambda run, event: run.plans.count(event["accumUpdates"]),
}
