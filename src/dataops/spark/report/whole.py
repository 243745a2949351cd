"""What only the whole application tells: its files, its size, its driver, its executors."""

from __future__ import annotations

from collections.abc import Iterator

from dataops.spark.profiles import PROFILES
from dataops.spark.report.amounts import amount, duration
from dataops.spark.report.finding import Finding
from dataops.spark.report.plan import Files
from dataops.spark.report.run import Run

SMALL_FILE, MANY_FILES = 16 << 20, 50
LARGEST = max(PROFILES, key=lambda name: PROFILES[name].input_bytes)
DRIVER_SHARE, DRIVER_SECONDS = 0.5, 30
IDLE_SHARE, IDLE_CORE_SECONDS = 0.5, 300


def small_files(run: Run) -> Iterator[Finding]:
    """Many small files, read or written."""
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
            "Write fewer: .repartition(n, <partition columns>) or .coalesce(n) before it, or a coarser partitioning",
        )


def _small(files: list[Files]) -> list[Files]:
    return [one for one in files if one.count >= MANY_FILES and one.mean < SMALL_FILE]


def size(run: Run) -> Iterator[Finding]:
    """More input than the session's size is meant for."""
    profile = PROFILES.get(run.profile)
    read = sum(stage.files_in for stage in run.stages.values())
    if profile is None or read <= 2 * profile.input_bytes or run.profile == LARGEST:
        return
    fits = next((name for name, one in PROFILES.items() if read <= one.input_bytes), LARGEST)
    yield Finding(
        "size",
        f"{amount(read)} were read in size {run.profile}, which is meant for {amount(profile.input_bytes)}",
        "It works through them with fewer and smaller executors than there could be",
        f"Take SPARK_PROFILE={fits} (size= of a task, the size of your server), or read less: select columns, and"
        " filter by the columns that the table is partitioned by",
    )


def driver(run: Run) -> Iterator[Finding]:
    """A driver that works while executors have nothing to do."""
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
            "Replace toPandas(), collect() and loops over rows by expressions of Spark; what needs no Spark belongs"
            " before the session or into a task of its own",
        )


def idle(run: Run) -> Iterator[Finding]:
    """Executors that were held and did not work."""
    held = [one for name, one in run.executors.items() if name != "driver"]
    there = sum(one.cores * ((one.removed or run.end) - one.added) for one in held) / 1000
    worked = sum(one.worked for one in held) / 1000
    if there - worked >= IDLE_CORE_SECONDS and there - worked >= IDLE_SHARE * there:
        yield Finding(
            "idle executors",
            f"{len(held)} executors were held for {duration(there)} of core time and worked {duration(worked)} of it",
            "Nobody else could have what they held",
            "Take a smaller size, end the session when the work is done, and unpersist() frames: an executor that holds"
            " one is not given back",
        )
