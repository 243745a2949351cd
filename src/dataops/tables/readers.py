"""A table's rows for pandas, Polars and DuckDB: of the current snapshot, or of the one that is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dataops import lineage
from dataops.errors import UserError
from dataops.tables.python import load_table
from dataops.tables.snapshots import find

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


def read_pandas(table: str, columns: Sequence[str] | None = None, snapshot_id: int | str | None = None) -> pd.DataFrame:
    """Return a table's rows as a pandas frame.

    Args:
        table: Its name, such as `silver.flights`.
        columns: Only these; all of them when not given.
        snapshot_id: The id or the tag of a snapshot; the current one when not given.

    Raises:
        UserError: There is no such table, column or snapshot, or the catalog cannot be reached.
    """
    frame: pd.DataFrame = read_arrow(table, columns, snapshot_id).to_pandas()
    return frame


def read_polars(table: str, columns: Sequence[str] | None = None, snapshot_id: int | str | None = None) -> pl.DataFrame:
    """Return a table's rows as a Polars frame; arguments and errors as for `read_pandas`."""
    import polars as pl

    frame = pl.from_arrow(read_arrow(table, columns, snapshot_id))
    assert isinstance(frame, pl.DataFrame)  # a series comes from a single array only
    return frame


def read_duckdb(
    table: str,
    columns: Sequence[str] | None = None,
    snapshot_id: int | str | None = None,
    connection: DuckDBPyConnection | None = None,
) -> DuckDBPyRelation:
    """Return a table's rows as a DuckDB relation, of a connection of its own when none is given.

    Other arguments and errors as for `read_pandas`.
    """
    import duckdb

    return (connection or duckdb.connect()).from_arrow(read_arrow(table, columns, snapshot_id))


def read_arrow(table: str, columns: Sequence[str] | None = None, snapshot_id: int | str | None = None) -> pa.Table:
    """Return a table's rows as Arrow has them; arguments and errors as for `read_pandas`."""
    loaded = load_table(table)
    snapshot = (
        loaded.current_snapshot() if snapshot_id is None else find(loaded, table, snapshot_id)
    )  # none: nothing written yet
    scan = loaded.scan(
        selected_fields=tuple(columns) if columns else ("*",),
        snapshot_id=snapshot.snapshot_id if snapshot and snapshot_id is not None else None,
    )
    try:
        rows = scan.to_arrow()
    except ValueError as error:
        known = [field.name for field in loaded.schema().fields]
        unknown = sorted(set(columns or ()) - set(known))
        if not unknown:
            raise
        raise UserError(f"table {table} has no column {unknown[0]}; its columns are {', '.join(known)}") from error
    lineage.record(table, snapshot.snapshot_id if snapshot else None)
    return rows
