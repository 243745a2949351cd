"""Small jobs that are slow for one reason each, and one that is not; as a program, it writes their event logs."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAP = "reflect('java.lang.Thread', 'sleep', {}L) is not null"
"""A condition that every row meets after so many milliseconds, without Python on the executors' side."""


def skewed(spark: SparkSession, folder: str) -> None:
    """Of 4,000 rows, most share one key."""
    keys = spark.range(4000).selectExpr("id", "if(id < 3600, 0, id) as customer")
    keys.repartition(8, "customer").where(NAP.format(1)).write.format("noop").mode("overwrite").save()


def slow_task(spark: SparkSession, folder: str) -> None:
    """One task of eight takes long over as many rows as the others have."""
    rows = spark.range(0, 800, 1, 8).where(f"id < 300 or id >= 400 or {NAP.format(40)}")
    rows.write.format("noop").mode("overwrite").save()


def spilled(spark: SparkSession, folder: str) -> None:
    """A sort is told to give its memory back every 50,000 rows."""
    rows = spark.range(1_000_000).selectExpr("id", "md5(cast(id as string)) as text")
    rows.sortWithinPartitions("text").write.format("noop").mode("overwrite").save()


def small_files(spark: SparkSession, folder: str) -> None:
    """Sixty files are written and read."""
    spark.range(600).repartition(60).write.parquet(f"{folder}/crumbs")
    spark.read.parquet(f"{folder}/crumbs").where("id > 3").count()


def collecting(spark: SparkSession, folder: str) -> None:
    """While two tasks run, the JVM collects garbage all the time."""
    done, jvm = threading.Event(), spark.sparkContext._jvm
    assert jvm

    def collect() -> None:
        while not done.is_set():
            jvm.System.gc()

    collector = threading.Thread(target=collect)
    collector.start()
    spark.range(0, 60, 1, 2).where(NAP.format(100)).write.format("noop").mode("overwrite").save()
    done.set()
    collector.join()


def many_partitions(spark: SparkSession, folder: str) -> None:
    """Thousands of tasks have next to nothing to do."""
    spark.range(0, 4000, 1, 4000).write.format("noop").mode("overwrite").save()


def one_partition(spark: SparkSession, folder: str) -> None:
    """One task does all."""
    spark.range(5000).coalesce(1).where(NAP.format(1)).write.format("noop").mode("overwrite").save()


def failing(spark: SparkSession, folder: str) -> None:
    """The first attempt of a task ends in an error."""

    def second_time(rows: Iterable[int]) -> Iterable[int]:
        from pyspark import TaskContext

        context = TaskContext.get()
        if context and context.attemptNumber() == 0 and context.partitionId() == 1:
            raise ValueError("row 7 has no price")
        return rows

    spark.sparkContext.parallelize(range(10), 2).mapPartitions(second_time).count()


def alone(spark: SparkSession, folder: str) -> None:
    """Two executors of four cores each wait for the driver."""
    spark.range(10).count()
    time.sleep(12)


def pruned(spark: SparkSession, folder: str) -> None:
    """Of three days, one is read."""
    days = spark.range(300).selectExpr("id", "id % 3 as day")
    days.repartition(3, "day").write.partitionBy("day").parquet(f"{folder}/days")
    spark.read.parquet(f"{folder}/days").where("day = 1").count()


def healthy(spark: SparkSession, folder: str) -> None:
    """A job as it should be."""
    keys = spark.range(200_000).selectExpr("id", "id % 1000 as k")
    keys.repartition(2, "k").write.parquet(f"{folder}/numbers")
    spark.read.parquet(f"{folder}/numbers").groupBy("k").count().collect()


CODEC = "spark.eventLog.compression.codec"
COMPRESSED = {"spark.eventLog.compress": "true"}
ROLLED = {"spark.eventLog.rolling.enabled": "true", "spark.eventLog.rolling.maxFileSize": "10m"}
# of the first session's options Spark makes the defaults of later ones
PLAIN = {"spark.master": "local[2]", "spark.eventLog.compress": "false", "spark.eventLog.rolling.enabled": "false"}
JOBS: dict[Callable[[SparkSession, str], None], dict[str, str]] = {
    slow_task: {},
    skewed: COMPRESSED | {CODEC: "lz4"},
    spilled: {"spark.shuffle.spill.numElementsForceSpillThreshold": "50000"},
    small_files: COMPRESSED | ROLLED | {CODEC: "zstd"},
    collecting: {},
    many_partitions: ROLLED,
    one_partition: {},
    failing: {"spark.master": "local[2,3]"},
    alone: {"spark.master": "local-cluster[2,4,512]", "spark.executor.memory": "512m"},
    pruned: {},
    healthy: {},
}


def main(folder: Path) -> None:
    """Run every job in a session of its own, whose log lies in <folder>/logs/<job>."""
    from dataops.config import Settings
    from dataops.spark.session import create_spark_session

    settings = Settings.model_construct(spark_master_url="local[2]")
    for job, options in JOBS.items():
        log = folder / "logs" / job.__name__
        log.mkdir(parents=True)
        conf = PLAIN | {
            "spark.ui.enabled": "false",
            "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": log.as_uri(),
            "spark.local.dir": str(folder),
            "spark.sql.warehouse.dir": str(folder),
        }
        with create_spark_session(job.__name__, settings=settings, conf=conf | options) as spark:
            job(spark, str(folder / "data"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
