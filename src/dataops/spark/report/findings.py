"""What made an application slow, each with what it cost and what to do; a healthy one has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median_low

from dataops.spark.report.amounts import amount, duration
from dataops.spark.report.plan import Files
from dataops.spark.report.run import Run, Stage

WORTH_SECONDS, WORTH_SHARE = 2.0, 0.1
"""A loss of time is told when it is both: so many seconds, and that share of the whole."""
SKEW = 3
SPILLED = 16 << 20
SMALL_FILE, MANY_FILES = 16 << 20, 50
COLLECTING = 0.2
IDLE_SHARE, IDLE_CORE_SECONDS = 0.5, 60
MANY_TASKS, SHORT_TASK_SECONDS = 200, 0.2
DRIVER_SHARE, DRIVER_SECONDS = 0.5, 30


@dataclass(frozen=True)
class Finding:
    """One reason.

    Attributes:
        kind: Skew, spill and so on, in one word or two.
        what: What was seen.
        cost: What it costs.
        fix: What to do.
    """

    kind: str
    what: str
    cost: str
    fix: str

    def __str__(self) -> str:
        """The whole as people read it."""
        return f"{self.kind}: {self.what}. {self.cost}. {self.fix}."


def findings(run: Run) -> list[Finding]:
    """Look for every reason that is known.

    Args:
        run: The application.

    Returns:
        What was found; nothing for a healthy one.
    """
    return [finding for rule in _RULES for finding in rule(run)]


def _worth(run: Run, seconds: float) -> bool:
    return seconds >= WORTH_SECONDS and seconds >= WORTH_SHARE * run.seconds


def _failures(run: Run) -> Iterator[Finding]:
    if not run.failures:
        return
    causes = "; ".join(f"{count} x {cause}" for cause, count in run.failures.most_common(3))
    memory = any(sign in causes for sign in ("137", "OOM", "OutOfMemory", "heap space"))
    lost = "executor" in causes
    yield Finding(
        "failed tasks",
        f"{sum(run.failures.values())} tasks failed and had to run again or ended the job ({causes})",
        f"The failed attempts took {duration(run.failed_milliseconds / 1000)} of the executors' time",
        (
            "Executors ran out of memory: take the next larger size, or spread the rows over more partitions"
            if memory
            else (
                "Executors went away: see the events of their pods, or the nodes they ran on"
                if lost
                else "The message says which row or call it was; mend the function, not the number of attempts"
            )
        ),
    )


def _skew(run: Run) -> Iterator[Finding]:
    for stage in run.stages.values():
        if len(stage.milliseconds) < 2:
            continue
        slowest = max(range(len(stage.milliseconds)), key=stage.milliseconds.__getitem__)
        longest, middle = stage.milliseconds[slowest] / 1000, median_low(stage.milliseconds) / 1000
        if longest < SKEW * middle or not _worth(run, longest - middle):
            continue
        read, usual = stage.bytes_in[slowest], median_low(stage.bytes_in)
        what = f"one task of stage {stage.id} took {duration(longest)}, half of the others less than {duration(middle)}"
        cost = f"The stage waited up to {duration(longest - middle)} for it while other cores had nothing to do"
        if read <= SKEW * usual and stage.rows_in[slowest] <= SKEW * median_low(stage.rows_in):
            fix = "It had no more rows than others: see whether its executor or node is slow, or a few rows take long"
            yield Finding("one slow task", what, cost, fix)
            continue
        columns = run.plans.columns(stage.accumulators)
        by = f" because rows are spread by {columns}" if columns else ""
        rows = f"{stage.rows_in[slowest]:,} rows where {median_low(stage.rows_in):,} are usual"
        yield Finding(
            "skew",
            f"{what}; it read {rows} ({amount(read)} and {amount(usual)}){by}",
            cost,
            f"Find the value of {columns or 'the key'} that most rows share (null is a usual one): leave it out, treat it"
            " by itself, aggregate before the join, or add a column to the key",
        )


def _spill(run: Run) -> Iterator[Finding]:
    worst = max(run.stages.values(), key=lambda stage: stage.spilled, default=None)
    if worst is None or worst.spilled < SPILLED:
        return
    total = sum(stage.spilled for stage in run.stages.values())
    yield Finding(
        "spill",
        f"{amount(total)} did not fit into the executors' memory and went to disk, {amount(worst.spilled)} of it in"
        f" stage {worst.id} with {len(worst.milliseconds)} tasks",
        "What is spilled is sorted, written and read once more",
        f"Spread the rows over more partitions (.repartition({_more(worst)}, ...) before it), select fewer columns, or take"
        " the next larger size",
    )


def _more(stage: Stage) -> int:
    return 4 * len(stage.milliseconds)


def _small_files(run: Run) -> Iterator[Finding]:
    for one in _small(run.plans.files_read()):
        yield Finding(
            "small files read",
            f"{one.count:,} files of {amount(one.mean)} on average were read from {one.place}",
            "Each costs requests to the store before its first row arrives",
            "Compact the table, or have whoever writes the folder write files of 128 to 512 MB",
        )
    written = run.plans.files_written() or [
        Files("a table", stage.writers, stage.written) for stage in run.stages.values() if stage.writers
    ]
    for one in _small(written):
        yield Finding(
            "small files written",
            f"{one.count:,} files of {amount(one.mean)} on average were written to {one.place}",
            "Writing, committing and every later read pay for each of them",
            "Write fewer: .repartition(n, <partition columns>) or .coalesce(n) before the write, or a coarser partitioning",
        )


def _small(files: list[Files]) -> list[Files]:
    return [one for one in files if one.count >= MANY_FILES and one.mean < SMALL_FILE]


def _collecting(run: Run) -> Iterator[Finding]:
    ran = sum(stage.run for stage in run.stages.values()) / 1000
    collecting = sum(stage.collecting for stage in run.stages.values()) / 1000
    if collecting >= COLLECTING * ran and collecting >= WORTH_SECONDS:
        yield Finding(
            "garbage collection",
            f"{duration(collecting)} of the {duration(ran)} that tasks ran went into garbage collection",
            "The executors' memory is nearly full, and the next larger input ends them",
            "Take the next larger size, unpersist what is no longer needed, or collect fewer rows into one array or row",
        )


def _idle(run: Run) -> Iterator[Finding]:
    held = [one for name, one in run.executors.items() if name != "driver"]
    there = sum(one.cores * ((one.removed or run.end) - one.added) for one in held) / 1000
    idle = there - sum(one.worked for one in held) / 1000
    if idle >= IDLE_CORE_SECONDS and idle >= IDLE_SHARE * there:
        yield Finding(
            "idle executors",
            f"{len(held)} executors were held for {duration(there)} of core time and worked {duration(there - idle)} of it",
            "Nobody else could have what they held",
            "Take a smaller size, end the session when the work is done, and unpersist() frames: an executor that holds"
            " one is not given back",
        )


def _partitions(run: Run) -> Iterator[Finding]:
    for stage in run.stages.values():
        tasks, work = len(stage.milliseconds), sum(stage.milliseconds) / 1000
        if tasks >= MANY_TASKS and work / tasks < SHORT_TASK_SECONDS and _worth(run, stage.seconds):
            yield Finding(
                "too many partitions",
                f"stage {stage.id} ran as {tasks:,} tasks of {duration(work / tasks)} on average",
                f"Starting and ending them is most of the {duration(stage.seconds)} it took",
                "Leave out .repartition(n) with a large n and spark.sql.shuffle.partitions, and let adaptive execution"
                " choose; of many small files make a table",
            )
        if 0 < tasks <= run.cores / 2 and _worth(run, stage.seconds * (1 - tasks / run.cores)):
            yield Finding(
                "too few partitions",
                f"stage {stage.id} ran for {duration(stage.seconds)} as {tasks} task(s) while {run.cores} cores were there",
                f"Spread over all of them it would take about {duration(work / run.cores)}",
                "Leave out .coalesce(1) and .repartition(1), give a window function a partitionBy, and deliver large files"
                " as Parquet: a gzip file is read by one task",
            )


def _driver(run: Run) -> Iterator[Finding]:
    busy, until = 0, run.started
    for begin, end in sorted((begin, end or run.end) for begin, end in run.jobs.values()):
        busy += max(0, end - max(begin, until))
        until = max(until, end)
    alone = run.seconds - busy / 1000
    if alone >= DRIVER_SECONDS and alone >= DRIVER_SHARE * run.seconds:
        yield Finding(
            "driver alone",
            f"for {duration(alone)} of {duration(run.seconds)} Spark had no job to do",
            "The Python of the driver worked by itself, or waited for something else, while executors were held or"
            " came back late",
            "Replace toPandas(), collect() and loops over rows by expressions of Spark; what needs no Spark belongs before"
            " the session or into a task of its own",
        )


_RULES: tuple[Callable[[Run], Iterator[Finding]], ...] = (
    _failures,
    _skew,
    _spill,
    _small_files,
    _collecting,
    _partitions,
    _driver,
    _idle,
)
