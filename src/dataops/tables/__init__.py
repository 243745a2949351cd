"""Tables of the lake: Iceberg with its catalog in PostgreSQL, one snapshot for Spark, pandas, Polars and DuckDB."""

from dataops.tables.access import check_may_write
from dataops.tables.names import table_location
from dataops.tables.python import current_snapshot, load_table, read_pandas
from dataops.tables.rows import table_at, tables_touching
from dataops.tables.spark import publish, read

__all__ = [
    "check_may_write",
    "current_snapshot",
    "load_table",
    "publish",
    "read",
    "read_pandas",
    "table_at",
    "table_location",
    "tables_touching",
]
