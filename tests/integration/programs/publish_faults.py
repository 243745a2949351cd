"""Publishes again and again, losing the store or the catalog one step later each time; then the same run once more.

Prints one JSON line per sweep: how many steps a connection was lost at, and how often the publication failed by it.
"""

import json
import threading
from collections.abc import Callable

from pyspark.sql import DataFrame, SparkSession

from dataops import tables
from dataops.quality import InRange, NotNull, RowCountDrift
from dataops.spark.session import create_spark_session
from dataops.tables import Column, Table
from dataops.tables.branch import load
from dataops.tables.publishing import Mode
from tests.integration.programs.faults import Faults, between

ROWS = 100
FAIL_AT_ONCE = {
    "spark.hadoop.fs.s3a.attempts.maximum": "1",
    "spark.hadoop.fs.s3a.retry.limit": "1",
    "spark.hadoop.fs.s3a.retry.interval": "10ms",
    "spark.ui.enabled": "false",
    "spark.eventLog.enabled": "false",
}
COLUMNS = (Column("id", "bigint"), Column("month", "int"), Column("version", "int"))
EXPECTED = (NotNull("id"), InRange("month", 1, 12), RowCountDrift(100, severity="warning"))
REPLACED = Table("silver.replaced", COLUMNS, "tests", "One partition is replaced.", ("month",), (), (), EXPECTED)
APPENDED = Table("silver.appended", COLUMNS, "tests", "Rows are added.", ("month",), (), (), EXPECTED)
SWEEPS = [
    (REPLACED, ("store", "before", "lasting")),
    (APPENDED, ("store", "after", "once")),
    (APPENDED, ("catalog", "before", "lasting")),
    (REPLACED, ("catalog", "after", "lasting")),
    (APPENDED, ("catalog", "after", "once")),
]


def rows(spark: SparkSession, month: int, version: int) -> DataFrame:
    """The rows of a month, as a version of them says."""
    return spark.range(ROWS).selectExpr("id", f"{month} month", f"{version} version")


def state(spark: SparkSession, table: Table) -> dict[tuple[int, int], int]:
    """How many rows of which month and version readers see."""
    groups = spark.table(f"lake.{table.name}").groupBy("month", "version").count().collect()
    return {(row["month"], row["version"]): row["count"] for row in groups}


def sweep(
    spark: SparkSession, faults: Faults, table: Table, fault: tuple[str, str, str], publish: Callable[[int], int]
) -> None:
    """Publish version after version with the fault one step later each time, until none is left."""
    points = failed = 0
    before = state(spark, table)
    while True:
        faults.arm(fault[0], points + 1, *fault[1:])
        try:
            publish(points)
            error = ""
        except Exception as thrown:
            error = str(thrown).strip().splitlines()[0][:160]
        reached = faults.reached(fault[0])
        faults.disarm()
        seen = state(spark, table)
        publish(points)
        after = state(spark, table)
        where = f"{table.name}, {' '.join(fault)}, step {points + 1} ({error})"
        print(f"# {where}", flush=True)
        assert seen in ((before, after) if error else (after,)), f"{where}: {before}, then {seen}, then {after}"
        assert set(after.values()) == {ROWS}, f"{where}: {after}"
        left = [name for name in dict(load(spark, table.name).refs()) if name != "main"]
        assert not left, f"{where} left {left}"
        if not reached:
            break
        points, failed, before = points + 1, failed + bool(error), after
    print(json.dumps({"table": table.name, "fault": " ".join(fault), "points": points, "failed": failed}), flush=True)


def at_once(*publications: Callable[[], int]) -> None:
    """Publish from threads, all of which must succeed."""
    snapshots: list[int] = []
    threads = [threading.Thread(target=lambda one=one: snapshots.append(one())) for one in publications]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(snapshots) == len(publications), snapshots


def work(spark: SparkSession, faults: Faults) -> None:
    """Lose every connection once, then publish from two sides at once."""
    tables.publish(rows(spark, 1, 0).unionAll(rows(spark, 2, 0)), REPLACED, run="first")
    tables.publish(rows(spark, 1, 0), APPENDED, mode="append", run="first")
    for place, (table, fault) in enumerate(SWEEPS, 1):
        mode: Mode = "append" if table is APPENDED else "overwrite"

        def publish(number: int, table: Table = table, mode: Mode = mode, base: int = place * 1000) -> int:
            return tables.publish(rows(spark, 2, base + number), table, mode=mode, run=f"run/{base + number}")

        # what earlier sweeps appended goes, or each look at the table takes longer than the one before
        tables.publish(rows(spark, 2, place * 1000 - 1), table, run=f"begin/{place}")
        sweep(spark, faults, table, fault, publish)
    before = state(spark, APPENDED)
    for version in range(1, 4):
        at_once(
            lambda: tables.publish(rows(spark, 3, version), REPLACED, run=f"third/{version}"),
            lambda: tables.publish(rows(spark, 4, version), REPLACED, run=f"fourth/{version}"),
            lambda: tables.publish(rows(spark, 5, version), APPENDED, mode="append", run=f"twice/{version}"),
            lambda: tables.publish(rows(spark, 5, version), APPENDED, mode="append", run=f"twice/{version}"),
        )
        found = state(spark, REPLACED)
        assert (found[3, version], found[4, version]) == (ROWS, ROWS), found
    added = state(spark, APPENDED).items() - before.items()
    assert added == {((5, version), ROWS) for version in range(1, 4)}, added
    print("both sides landed", flush=True)


def main() -> None:
    """Put the faults between this process and its services, and start."""
    with between() as faults, create_spark_session("publish_faults", conf=FAIL_AT_ONCE) as spark:
        spark.sparkContext.setLogLevel("OFF")
        work(spark, faults)


if __name__ == "__main__":
    main()
