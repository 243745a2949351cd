"""How many bytes a job is about to read, known without reading any: one listing, or a table's own summary."""

from dataops.config import Settings
from dataops.s3 import S3Client


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
