"""A table's rows as plain Parquet, for those who know no tables."""

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client, paths
from dataops.tables.python import load_table
from dataops.tables.rows import tables_touching
from dataops.tables.snapshots import find


def export(table: str, path: str, which: int | str | None = None) -> int:
    """Write the rows of a snapshot below a path, as many files as the table has and one of them at a time.

    Args:
        table: The table's name.
        path: Where to, such as `sandbox/flights`; nothing may lie there.
        which: The id or the tag of a snapshot; the current one when not given.

    Returns:
        How many files were written.

    Raises:
        UserError: There is no such table or snapshot, or something lies at the path.
    """
    import pyarrow.parquet as pq
    from pyiceberg.expressions import AlwaysTrue
    from pyiceberg.io.pyarrow import ArrowScan

    settings, loaded = Settings.load(), load_table(table)
    scan = loaded.scan(snapshot_id=find(loaded, table, which).snapshot_id)
    target, client = paths.url(path, settings.s3_bucket), S3Client(settings)
    if touched := tables_touching(target, settings):
        raise UserError(f"{target} belongs to table {touched[0]}; export {table} to a path of its own")
    if client.list_objects(target + "/"):
        raise UserError(f"{target} holds files already; export {table} to an empty path, or delete them first")
    tasks = list(scan.plan_files())
    reader = ArrowScan(loaded.metadata, loaded.io, scan.projection(), AlwaysTrue())
    for number, task in enumerate(tasks):
        with loaded.io.new_output(f"{target}/part-{number:05}.parquet").create() as stream:
            pq.write_table(reader.to_table([task]), stream, compression="zstd")
    return len(tasks)
