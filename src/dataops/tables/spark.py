"""Tables as frames of Spark, of the current snapshot or of an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataops import lineage
from dataops.errors import UserError
from dataops.spark.conf import CATALOG
from dataops.tables.branch import load
from dataops.tables.names import split_name
from dataops.tables.python import no_such_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def read(spark: SparkSession, table: str, snapshot_id: int | None = None) -> DataFrame:
    """Return a table's rows, of the current snapshot or of the one named.

    Raises:
        UserError: there is no such table.
    """
    full = _existing(spark, table)
    if full is None:
        raise UserError(no_such_table(table))
    version = f" version as of {int(snapshot_id)}" if snapshot_id is not None else ""
    lineage.record(table, _current(spark, table) if snapshot_id is None else int(snapshot_id))
    return spark.sql(f"select * from {full}{version}")


def _current(spark: SparkSession, table: str) -> int | None:
    snapshot = load(spark, table).currentSnapshot()
    return int(snapshot.snapshotId()) if snapshot else None


def _existing(spark: SparkSession, table: str) -> str | None:
    split_name(table)
    full = f"{CATALOG}.{table}"
    return full if spark.catalog.tableExists(full) else None
