"""What the tasks of single stages tell: failures, skew, spill, garbage collection, too many or too few of them."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median_low

from dataops.spark.report.amounts import amount, duration
from dataops.spark.report.finding import Finding, worth
from dataops.spark.report.run import Run

SKEW = 3
SPILLED = 16 << 20
COLLECTING, COLLECTING_SECONDS = 0.2, 2
MANY_TASKS, SHORT_TASK_SECONDS = 200, 0.2
_MEMORY = "Executors ran out of memory: take the next larger size, or spread the rows over more partitions"
_FIXES = {
    "137": _MEMORY,
    "OutOfMemory": _MEMORY,
    "OOM": _MEMORY,
    "executor": "Executors went away: see the events of their pods, or the nodes they ran on",
    "": "The message says which row or call it was; mend the function, not the number of attempts",
}


def failures(run: Run) -> Iterator[Finding]:
    """Tasks that failed."""
    if not run.failures:
        return
    causes = "; ".join(f"{count} x {cause}" for cause, count in run.failures.most_common(3))
    signs = (sign for sign in _FIXES if sign in causes)
    yield Finding(
        "failed tasks",
        f"{sum(run.failures.values())} tasks failed and had to run again or ended the job ({causes})",
        f"The failed attempts took {duration(run.failed_milliseconds / 1000)} of the executors' time",
        _FIXES[next(signs, "")],
    )


def skew(run: Run) -> Iterator[Finding]:
    """One task that all others waited for: because of its rows, or for another reason."""
    for stage in run.stages.values():
        if len(stage.milliseconds) < 2:
            continue
        slowest = max(range(len(stage.milliseconds)), key=stage.milliseconds.__getitem__)
        longest, middle = stage.milliseconds[slowest] / 1000, median_low(stage.milliseconds) / 1000
        if longest < SKEW * middle or not worth(run, longest - middle):
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
            f"Find the value of {columns or 'the key'} that most rows share (often null): leave it out, treat it by"
            " itself, aggregate before the join, or add a column to the key",
        )


def spill(run: Run) -> Iterator[Finding]:
    """Rows that went to disk."""
    worst = max(run.stages.values(), key=lambda stage: stage.spilled, default=None)
    if worst is None or worst.spilled < SPILLED:
        return
    total = sum(stage.spilled for stage in run.stages.values())
    yield Finding(
        "spill",
        f"{amount(total)} did not fit into the executors' memory and went to disk, {amount(worst.spilled)} of it in"
        f" stage {worst.id} with {len(worst.milliseconds)} tasks",
        "What is spilled is sorted, written and read once more",
        f"Spread the rows over more partitions (.repartition({4 * len(worst.milliseconds)}, ...) before it),"
        " select fewer columns, or take the next larger size",
    )


def collecting(run: Run) -> Iterator[Finding]:
    """Garbage collection."""
    ran = sum(stage.run for stage in run.stages.values()) / 1000
    seconds = sum(stage.collecting for stage in run.stages.values()) / 1000
    if seconds >= COLLECTING * ran and seconds >= COLLECTING_SECONDS:
        yield Finding(
            "garbage collection",
            f"{duration(seconds)} of the {duration(ran)} that tasks ran went into garbage collection",
            "The executors' memory is nearly full, and the next larger input ends them",
            "Take the next larger size, unpersist what is no longer needed, or collect fewer rows into one array",
        )


def partitions(run: Run) -> Iterator[Finding]:
    """Too many tasks, or too few."""
    for stage in run.stages.values():
        tasks, work = len(stage.milliseconds), sum(stage.milliseconds) / 1000
        if tasks >= MANY_TASKS and work / tasks < SHORT_TASK_SECONDS and worth(run, stage.seconds):
            yield Finding(
                "too many partitions",
                f"stage {stage.id} ran as {tasks:,} tasks of {duration(work / tasks)} on average",
                f"Starting and ending them is most of the {duration(stage.seconds)} it took",
                "Leave out .repartition(n) with a large n and spark.sql.shuffle.partitions, and let adaptive execution"
                " choose; of many small files make a table",
            )
        if 0 < tasks <= run.cores / 2 and worth(run, stage.seconds * (1 - tasks / run.cores)):
            yield Finding(
                "too few partitions",
                f"stage {stage.id} ran for {duration(stage.seconds)} as {tasks} task(s) on {run.cores} cores",
                f"Spread over all of them it would take about {duration(work / run.cores)}",
                "Leave out .coalesce(1) and .repartition(1), give a window function a partitionBy, and have large"
                " files delivered as Parquet: a gzip file is read by one task",
            )
