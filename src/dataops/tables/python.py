"""Tables without a JVM: pyiceberg, and pandas on top of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dataops import lineage
from dataops.config import Settings
from dataops.errors import UserError
from dataops.spark.conf import CATALOG
from dataops.tables.database import refusal, sqlalchemy_url
from dataops.tables.names import split_name

if TYPE_CHECKING:
    import pandas as pd
    from pyiceberg.table import Table


def load_table(table: str) -> Table:
    """Return pyiceberg's view of a table: scan it with pandas, Polars or DuckDB.

    Raises:
        UserError: there is no such table, or the catalog cannot be reached.
    """
    from pyiceberg.catalog import load_catalog
    from pyiceberg.exceptions import NoSuchTableError
    from sqlalchemy.exc import OperationalError

    split_name(table)
    settings = Settings.load()
    try:
        catalog = load_catalog(
            CATALOG,
            **{
                "type": "sql",
                "uri": sqlalchemy_url(settings),
                "init_catalog_tables": "false",
                "warehouse": f"s3a://{settings.s3_bucket}",
                "py-io-impl": "dataops.tables.fileio.LakeFileIO",
            },
        )
        return catalog.load_table(table)
    except NoSuchTableError:
        raise UserError(no_such_table(table)) from None
    except OperationalError as error:
        raise UserError(refusal(settings, error.orig)) from None


def read_pandas(table: str, columns: Sequence[str] | None = None, snapshot_id: int | None = None) -> pd.DataFrame:
    """Return a table's rows as a pandas frame, of the current snapshot or of the one named."""
    scan = load_table(table).scan(selected_fields=tuple(columns) if columns else ("*",), snapshot_id=snapshot_id)
    frame: pd.DataFrame = scan.to_pandas()
    snapshot = scan.snapshot()
    lineage.record(table, snapshot.snapshot_id if snapshot else None)
    return frame


def current_snapshot(table: str) -> int:
    """Return the id of a table's current snapshot.

    Raises:
        UserError: there is no such table, or nothing was ever written to it.
    """
    snapshot = load_table(table).current_snapshot()
    if snapshot is None:
        raise UserError(f"table {table} has no snapshot yet; publish rows to it first")
    return snapshot.snapshot_id


def no_such_table(table: str) -> str:
    """Return the sentence about a table that is not there."""
    return (
        f"there is no table {table} in the lake; list them with: spark.sql('show tables in lake.{table.split('.')[0]}')"
    )
