"""What `make bench-engine` runs, each in a process of its own: `python -m bench.engine_programs <program> <engine>`."""

from __future__ import annotations

import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from bench.engines import opened
from dataops import engine
from dataops.engine import functions as F
from dataops.engine.frames import is_single_frame
from dataops.platform.paths import cache_dir

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

DATA = cache_dir() / "bench-engine"


def sample(frames: SparkSession) -> int:
    """Run the sample pipeline's silver and gold.

    Returns:
        The flights that gold accounts for.
    """
    from jobs import flights_gold, flights_silver
    from jobs._delivery import COLUMNS, rows_of
    from jobs._frames import delivered_frame
    from jobs.flights_bronze import delivered_files, package_folder

    files = delivered_files(package_folder())
    flights, weather = (
        delivered_frame(frames, rows_of(job.FILE, files[job.FILE]), COLUMNS[job.FILE])
        for job in (flights_silver, flights_gold)
    )
    accepted = flights_silver.accepted(flights_silver.transform(flights).persist())
    delays = flights_gold.transform(accepted, flights_gold.weather(weather)).persist()
    return int(delays.agg(F.sum("flights").alias("flights")).collect()[0]["flights"])


def events(frames: SparkSession) -> list[tuple[str, int]]:
    """Filter, aggregate, join, count distinct and rewrite ten million events.

    Returns:
        Per kind of event its large ones, per region its customers, and the rows written.
    """
    bronze = engine.parquet(frames, str(DATA / "events.parquet"))
    customers = engine.parquet(frames, str(DATA / "customers.parquet"))
    large = bronze.where(F.col("amount") > 500).groupBy("kind").agg(F.count("*").alias("n"), F.avg("amount").alias("m"))
    regions = bronze.join(customers, ["customer"]).groupBy("region").agg(F.count_distinct("customer").alias("n"))
    silver = (
        bronze.where(F.col("kind") != "unknown")
        .withColumn("day", F.col("moment").cast("date"))
        .withColumn("cents", F.floor(F.col("amount") * 100))
        .drop("note")
    )
    rows = [*large.orderBy("kind").collect(), *regions.orderBy("region").collect()]
    return [*((str(row[0]), int(row["n"])) for row in rows), ("written", _written(silver))]


def make_events() -> None:
    """Write the ten million events and their customers, the same ones on every machine."""
    import duckdb

    DATA.mkdir(parents=True, exist_ok=True)
    number = "cast(hash(n + {}) % {} as bigint)"
    columns = {
        "event": "n",
        "customer": number.format(1, 1_000_000),
        "kind": f"['view', 'cart', 'order', 'return', 'unknown'][1 + {number.format(0, 5)}]",
        "moment": f"timestamptz '2013-01-01 00:00:00Z' + to_seconds({number.format(2, 31_536_000)})",
        "amount": f"{number.format(3, 100_000)} / 100",
        "note": f"'note ' || {number.format(4, 10_000)}",
    }
    chosen = ", ".join(f"{value} as {name}" for name, value in columns.items())
    customers = "select n as customer, 'region ' || hash(n) % 20 as region from range(1_000_000) r(n)"
    for name, query in (("customers", customers), ("events", f"select {chosen} from range(10_000_000) r(n)")):
        duckdb.execute("set timezone = 'UTC'")
        duckdb.execute("set enable_progress_bar = false")
        duckdb.execute(f"copy ({query}) to '{DATA / name}.parquet' (format parquet, compression zstd)")


def _write_a_file_a_core(rows: pa.Table, folder: Path) -> None:
    """Write the rows as Spark does with the same cores."""
    import pyarrow.parquet as pq

    cores = os.cpu_count() or 1
    length = -(-len(rows) // cores)

    def write(number: int) -> None:
        pq.write_table(rows.slice(number * length, length), folder / f"{number}.parquet", compression="zstd")

    with ThreadPoolExecutor(cores) as workers:
        list(workers.map(write, range(cores)))


def _written(rows: DataFrame) -> int:
    import pyarrow.dataset as ds

    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        if is_single_frame(rows):
            _write_a_file_a_core(rows.toArrow(), Path(folder))
        else:
            rows.write.option("compression", "zstd").parquet(f"{folder}/rows")
        return int(ds.dataset(folder).count_rows())


if __name__ == "__main__":
    with opened(sys.argv[2]) as opened_frames:
        print({"sample": sample, "events": events}[sys.argv[1]](opened_frames))
