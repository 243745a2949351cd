"""What `make bench-publish` runs in the spark image: rounds of the same rows written as Parquet and published."""

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta

from pyspark.sql import DataFrame, SparkSession

from dataops import tables
from dataops.quality import Fresh, InRange, NotNull, OneOf, RowCountDrift, Unique
from dataops.spark.session import create_spark_session
from dataops.tables import Column, Table

ROWS_OF_A_MEGABYTE = 20_000  # about: written as Parquet with zstd
SOURCE, PLAIN = "s3a://data-lake/sandbox/bench/source", "s3a://data-lake/sandbox/bench/plain"
COLUMNS = (
    Column("id", "bigint"),
    Column("customer", "int"),
    Column("status", "string"),
    Column("price", "double"),
    Column("sold", "timestamp"),
    Column("note", "string"),
)
# no Matches: to try a pattern on every text takes longer than all these together
EXPECTED = (
    *(NotNull(column.name) for column in COLUMNS),
    InRange("price", 0, 1000),
    InRange("customer", minimum=0),
    OneOf("status", ("new", "paid", "sent")),
    Fresh("sold", timedelta(days=365)),
    RowCountDrift(2, severity="warning"),
)
WITHOUT = Table("sandbox.bench_without", COLUMNS, "bench", "Without uniqueness.", (), (), (), EXPECTED)
WITH = Table("sandbox.bench_with", COLUMNS, "bench", "Published with it.", (), (), (), (Unique("id"), *EXPECTED))


def source(spark: SparkSession, rows: int) -> DataFrame:
    """Write the rows once, and read what was written."""
    frame = spark.range(rows).selectExpr(
        "id",
        "cast(rand(1) * 1e6 as int) customer",
        "element_at(array('new', 'paid', 'sent'), 1 + cast(rand(2) * 3 as int)) status",
        "round(rand(3) * 1000, 2) price",
        "timestamp_seconds(unix_timestamp() - cast(rand(4) * 1e6 as int)) sold",
        "md5(cast(id as string)) note",
    )
    frame.write.mode("overwrite").parquet(SOURCE)
    return spark.read.parquet(SOURCE)


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    """Print a line of JSON: the bytes, and per round the seconds of each way, the first round being for warming up."""
    megabytes, rounds = int(sys.argv[1]), int(sys.argv[2])
    with create_spark_session("bench-publish") as spark:
        rows = source(spark, megabytes * ROWS_OF_A_MEGABYTE)
        ways: dict[str, Callable[[], object]] = {
            "plain": lambda: rows.write.mode("overwrite").parquet(PLAIN),
            "without": lambda: tables.publish(rows, WITHOUT),
            "with": lambda: tables.publish(rows, WITH),
        }
        taken = [{way: seconds(work) for way, work in ways.items()} for _ in range(rounds + 1)][1:]
        files = spark.sql(f"select sum(file_size_in_bytes) bytes from lake.{WITH.name}.files").collect()
    print(json.dumps({"bytes": files[0]["bytes"], "rounds": taken}))


if __name__ == "__main__":
    main()
