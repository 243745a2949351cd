"""Tables for whichever engine computes: Spark's frames through Spark, those of one machine through pyiceberg."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from dataops.engine.frames import is_single_frame, is_single_session
from dataops.errors import UserError
from dataops.tables import publishing, spark
from dataops.tables.declare import Table
from dataops.tables.publishing import Mode

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
        UserError: also where one machine computes and the publication needs Spark: for its mode, or for an audit.
    """
    if not is_single_frame(df):
        return publishing.publish(df, table, partition_by, mode=mode, run=run)
    from dataops.tables.arrow import publish_arrow

    name = table.name if isinstance(table, Table) else table
    if mode != "overwrite" or audited(table):
        raise UserError(
            f"table {name} expects something of its rows or is not overwritten, which needs Spark;"
            " run the job with --engine spark"
        )
    by = table.partition_by if isinstance(table, Table) else partition_by
    return publish_arrow(df.toArrow(), name, by, run)


def audited(table: str | Table) -> bool:
    """Return whether a publication to a table is audited, which only Spark does."""
    return isinstance(table, Table) and bool(table.expectations)
