"""How many bytes a job is about to read, known without reading any: one listing, or a table's own summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataops.config import Settings
from dataops.s3 import S3Client

if TYPE_CHECKING:
    from dataops.tables.declare import Table


def input_bytes(*inputs: str, settings: Settings | None = None) -> int:
    """Return the stored bytes of paths (`bronze/x/`, `s3a://bucket/x`) and tables (`silver.flights`) together.

    Raises:
        UserError: the store or the catalog cannot be reached, or there is no such table.
    """
    s3 = S3Client(settings)
    return sum(sum(each.size for each in s3.list_objects(name)) if "/" in name else _of_table(name) for name in inputs)


def _of_table(table: str) -> int:
    from dataops.tables import load_table

    snapshot = load_table(table).current_snapshot()
    if snapshot is None or snapshot.summary is None:
        return 0
    return int(snapshot.summary["total-files-size"] or 0)


def compared_by(table: Table, settings: Settings) -> list[str]:
    """Return the table itself where the audit of a publication reads it: its rows must be unique among all."""
    from dataops.tables.audited import alone
    from dataops.tables.publishing import publication
    from dataops.tables.python import lake_catalog

    if alone(publication(table, (), "overwrite", None)):
        return []
    with lake_catalog(settings) as catalog:
        return [table.name] if catalog.table_exists(table.name) else []
