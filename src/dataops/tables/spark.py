"""Tables from Spark: read a snapshot, publish rows in one atomic commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from dataops import lineage
from dataops.config import Settings
from dataops.errors import UserError
from dataops.spark.conf import CATALOG
from dataops.tables.access import check_may_write
from dataops.tables.names import split_name, table_location
from dataops.tables.python import no_such_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, DataFrameWriterV2, SparkSession

_MARK = "dataops-write"


def read(spark: SparkSession, table: str, snapshot_id: int | None = None) -> DataFrame:
    """Return a table's rows, of the current snapshot or of the one named.

    Raises:
        UserError: there is no such table.
    """
    full = _existing(spark, table)
    if full is None:
        raise UserError(no_such_table(table))
    version = f" version as of {int(snapshot_id)}" if snapshot_id is not None else ""
    lineage.record(table, _current(spark, full) if snapshot_id is None else int(snapshot_id))
    return spark.sql(f"select * from {full}{version}")


def publish(df: DataFrame, table: str, partition_by: Sequence[str] = ()) -> int:
    """Replace a table's rows by those of a frame, in one commit that readers see whole or not at all.

    Args:
        df: the rows.
        table: its name, such as `silver.flights`; made when it does not exist.
        partition_by: columns the table is partitioned by; then only partitions that occur in the frame are replaced.

    Returns:
        The id of the snapshot that this call made.

    Raises:
        UserError: the account may not write there, or the table has other columns or partitions.
    """
    settings = Settings.load()
    spark = df.sparkSession
    check_may_write(table, settings)
    full = _existing(spark, table)
    mark = str(uuid4())
    writer = df.writeTo(full or f"{CATALOG}.{table}").option(f"snapshot-property.{_MARK}", mark)
    if full is None:
        _create(spark, writer, table, partition_by, settings)
    else:
        _check_shape(spark, df, table, partition_by)
        if partition_by:
            writer.overwritePartitions()
        else:
            from pyspark.sql.functions import lit

            writer.overwrite(lit(True))
    return _snapshot(spark, table, mark)


def _current(spark: SparkSession, full: str) -> int | None:
    # of the table that Spark has just loaded and keeps, so that nothing is read for this
    assert spark._jvm is not None
    loaded = spark._jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, full)
    snapshot = loaded.currentSnapshot()
    return int(snapshot.snapshotId()) if snapshot else None


def _existing(spark: SparkSession, table: str) -> str | None:
    split_name(table)
    full = f"{CATALOG}.{table}"
    return full if spark.catalog.tableExists(full) else None


def _create(
    spark: SparkSession, writer: DataFrameWriterV2, table: str, partition_by: Sequence[str], settings: Settings
) -> None:
    from pyspark.sql.functions import col

    spark.sql(f"create namespace if not exists {CATALOG}.{split_name(table)[0]}")
    writer = writer.using("iceberg").tableProperty("location", table_location(table, settings))
    if partition_by:
        writer = writer.partitionedBy(*(col(name) for name in partition_by))
    writer.create()


def _check_shape(spark: SparkSession, df: DataFrame, table: str, partition_by: Sequence[str]) -> None:
    described = spark.sql(f"describe table {CATALOG}.{table}").collect()
    names = [row["col_name"] for row in described]
    columns = spark.table(f"{CATALOG}.{table}").columns
    start = names.index("# Partition Information") + 2 if "# Partition Information" in names else len(names)
    partitions = [name for name in names[start:] if name and not name.startswith("#")]
    if partitions != list(partition_by):
        raise UserError(
            f"table {table} is partitioned by {', '.join(partitions) or 'nothing'}, not by"
            f" {', '.join(partition_by) or 'nothing'}; publish it so, or under another name"
        )
    if sorted(columns) != sorted(df.columns):
        extra, lacking = sorted(set(df.columns) - set(columns)), sorted(set(columns) - set(df.columns))
        changes = f"more: {', '.join(extra) or 'none'}; less: {', '.join(lacking) or 'none'}"
        raise UserError(
            f"table {table} has other columns than the frame (the frame has {changes});"
            f" use spark.sql('alter table {CATALOG}.{table} ...'), or publish under another name"
        )


def _snapshot(spark: SparkSession, table: str, mark: str) -> int:
    from pyspark.sql import functions as F

    written = spark.table(f"{CATALOG}.{table}.snapshots").where(F.col("summary")[_MARK] == mark)
    rows = written.select("snapshot_id").collect()
    if not rows:
        raise RuntimeError(f"the commit of {table} left no snapshot")
    return int(rows[0]["snapshot_id"])
