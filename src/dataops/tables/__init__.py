"""Tables of the lake: Iceberg with its catalog in PostgreSQL, one snapshot for Spark, pandas, Polars and DuckDB."""

from dataops.tables.access import check_may_write
from dataops.tables.declare import Column, Table
from dataops.tables.engines import publish, read
from dataops.tables.evolve import apply, changes
from dataops.tables.names import table_location
from dataops.tables.python import current_snapshot, load_table, table_names
from dataops.tables.readers import read_duckdb, read_pandas, read_polars
from dataops.tables.rows import table_at, tables_touching
from dataops.tables.snapshots import history, rollback, tag

__all__ = [
    "Column",
    "Table",
    "apply",
    "changes",
    "check_may_write",
    "current_snapshot",
    "history",
    "load_table",
    "publish",
    "read",
    "read_duckdb",
    "read_pandas",
    "read_polars",
    "rollback",
    "table_at",
    "table_location",
    "table_names",
    "tables_touching",
    "tag",
]
