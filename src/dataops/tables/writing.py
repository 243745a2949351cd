"""How rows get into a table from Spark: the table itself, whether a frame fits it, and the write to a branch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from dataops.config import Settings
from dataops.errors import UserError
from dataops.spark.conf import CATALOG
from dataops.tables.branch import load
from dataops.tables.names import split_name, table_location

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def create(df: DataFrame, table: str, partition_by: Sequence[str], settings: Settings) -> None:
    """Make a table with a frame's columns, if it does not exist; it has no snapshot yet."""
    spark = df.sparkSession
    java: Any = df._jdf
    spark.sql(f"create namespace if not exists {CATALOG}.{split_name(table)[0]}")
    partitions = f" partitioned by ({', '.join(partition_by)})" if partition_by else ""
    spark.sql(
        f"create table if not exists {CATALOG}.{table} ({java.schema().asNullable().toDDL()})"
        f" using iceberg{partitions} location '{table_location(table, settings)}'"
    )


def check_shape(df: DataFrame, table: str, partition_by: Sequence[str]) -> None:
    """Return if a frame has the columns of a table, and the table these partitions, in all of its files.

    Raises:
        UserError: It has not.
    """
    found = load(df.sparkSession, table)
    columns = [field.name() for field in found.schema().columns()]
    partitions = [_partition(found, field) for field in found.spec().fields()]
    if partitions != [text.replace(" ", "") for text in partition_by]:
        raise UserError(
            f"table {table} is partitioned by {', '.join(partitions) or 'nothing'}, not by"
            f" {', '.join(partition_by) or 'nothing'}; publish it so, or under another name"
        )
    if any(_of_an_older_layout(found)):
        raise UserError(
            f"table {table} has files that are partitioned otherwise, which a load would not replace;"
            f" bring them along first: dataops tables compact {table}"
        )
    if sorted(columns) != sorted(df.columns):
        extra, lacking = sorted(set(df.columns) - set(columns)), sorted(set(columns) - set(df.columns))
        changes = f"more: {', '.join(extra) or 'none'}; less: {', '.join(lacking) or 'none'}"
        raise UserError(
            f"table {table} has other columns than the frame (the frame has {changes});"
            f" use spark.sql('alter table {CATALOG}.{table} ...'), or publish under another name"
        )


def _of_an_older_layout(table: Any) -> Iterator[bool]:
    snapshot = table.currentSnapshot()
    for manifest in snapshot.dataManifests(table.io()) if snapshot else ():
        yield manifest.partitionSpecId() != table.spec().specId() and (
            manifest.hasAddedFiles() or manifest.hasExistingFiles()
        )


def _partition(table: Any, field: Any) -> str:
    column, transform = table.schema().findColumnName(field.sourceId()), str(field.transform().toString())
    if transform == "identity":
        return str(column)
    name, _, count = transform.rstrip("]").partition("[")
    return f"{name}({count},{column})" if count else f"{name}({column})"


def write(df: DataFrame, target: str, mode: str, partitioned: bool, keys: Sequence[str]) -> None:
    """Write a frame to a table or to one of its branches, in one commit there.

    Raises:
        UserError: A column of the frame is of another type than the table's.
    """
    from pyspark.errors import AnalysisException
    from pyspark.sql.functions import lit

    try:
        if mode == "merge":
            _merge(df, target, keys)
        elif mode == "append":
            df.writeTo(target).append()
        elif partitioned:
            df.writeTo(target).overwritePartitions()
        else:
            df.writeTo(target).overwrite(lit(True))
    except AnalysisException as error:
        words = str(error).strip().splitlines()[0]
        raise UserError(f"the frame does not fit {target.partition('.branch_')[0]}: {words}") from error


def _merge(df: DataFrame, target: str, keys: Sequence[str]) -> None:
    view = f"merged_{uuid4().hex}"
    same = " and ".join(f"target.`{key}` <=> source.`{key}`" for key in keys)  # a null among the keys is a value, too
    df.createOrReplaceTempView(view)
    try:
        df.sparkSession.sql(
            f"merge into {target} target using {view} source on {same}"
            " when matched then update set * when not matched then insert *"
        )
    finally:
        df.sparkSession.catalog.dropTempView(view)
