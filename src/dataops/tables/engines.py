"""Tables for whichever engine computes: Spark's frames through Spark, those of one machine through pyiceberg."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from dataops.engine.frames import is_single_frame, is_single_session
from dataops.errors import UserError
from dataops.tables import publishing, spark
from dataops.tables.declare import Table
from dataops.tables.publishing import Mode
from dataops.tables.suited import needs_spark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def read(session: SparkSession, table: str, snapshot_id: int | None = None) -> DataFrame:
    """Return a table's rows, of the current snapshot or of the one named, as a frame of the session's engine.

    Raises:
        UserError: there is no such table.
    """
    if not is_single_session(session):
        return spark.read(session, table, snapshot_id)
    from dataops.tables.readers import read_arrow

    return cast("DataFrame", session.frame(read_arrow(table, snapshot_id=snapshot_id)))


def publish(
    df: DataFrame,
    table: str | Table,
    partition_by: Sequence[str] = (),
    *,
    mode: Mode = "overwrite",
    run: str | None = None,
) -> int:
    """Publish rows of either engine; see `dataops.tables.publishing.publish` for arguments and errors.

    Raises:
        UserError: also where one machine computes and the publication needs Spark.
    """
    if not is_single_frame(df):
        return publishing.publish(df, table, partition_by, mode=mode, run=run)
    from dataops.quality.rules import check_columns
    from dataops.tables.arrow import publish_arrow

    wanted = publishing.publication(table, partition_by, mode, run)
    check_columns(wanted.expectations, df.columns, wanted.table)
    if why := needs_spark(wanted.partition_by, wanted.expectations, mode):
        raise UserError(f"table {wanted.table} cannot be published by one machine: {why}; use --engine spark")
    return publish_arrow(df, wanted)
