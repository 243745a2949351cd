"""Compacts again and again, losing the catalog one message later each time; the table's rows never change.

Prints one JSON line for each way of losing it: at how many messages, and how often the compaction failed by it.
"""

import json

from pyspark.sql import SparkSession

from dataops import tables
from dataops.spark.session import create_spark_session
from dataops.tables.compact import FEWEST, compact
from dataops.tables.verify import verify
from tests.integration.programs.faults import Faults, between
from tests.integration.programs.publish_faults import FAIL_AT_ONCE, rows

NAME = "silver.compacted"


def sweep(spark: SparkSession, faults: Faults, small: int, when: str) -> None:
    """Compact with the answer or the message lost one step later each time, until none is left."""
    points = failed = 0
    while True:
        tables.rollback(NAME, small)
        faults.arm("catalog", points + 1, when, "once")
        try:
            compact(spark, NAME)
            error = ""
        except Exception as thrown:
            error = str(thrown).strip().splitlines()[0][:160]
        reached = faults.reached("catalog")
        faults.disarm()
        print(f"# {when} message {points + 1} ({error})", flush=True)
        assert verify(NAME) == [], f"{when} message {points + 1} ({error}): {verify(NAME)}"
        found = tables.read_pandas(NAME)
        assert sorted(zip(found["id"], found["version"], strict=True)) == sorted(
            (number, version) for number in range(100) for version in range(FEWEST)
        )
        if not reached:
            break
        points, failed = points + 1, failed + bool(error)
    assert not error, error
    print(json.dumps({"fault": f"{when} a message", "points": points, "failed": failed}), flush=True)


def main() -> None:
    """Make a table of small files, and start."""
    with between() as faults, create_spark_session("compact_faults", conf=FAIL_AT_ONCE) as spark:
        spark.sparkContext.setLogLevel("OFF")
        for version in range(FEWEST):
            tables.publish(rows(spark, 1, version).coalesce(1), NAME, mode="append", run=f"small/{version}")
        small = tables.current_snapshot(NAME)
        for when in ("before", "after"):
            sweep(spark, faults, small, when)


if __name__ == "__main__":
    main()
