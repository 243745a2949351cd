"""What changed in a table between two of its snapshots, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataops.tables.python import load_table
from dataops.tables.snapshots import find

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.table import FileScanTask, Table
    from pyiceberg.table.snapshots import Snapshot


@dataclass(frozen=True)
class Difference:
    """How the rows of two snapshots differ.

    Attributes:
        added: Rows that only the newer one has.
        removed: Rows that only the older one has.
        changed: Of both, those that are the same row by its keys with other values; None without keys.
    """

    added: int
    removed: int
    changed: int | None


def difference(table: str, older: int | str, newer: int | str | None = None, keys: Sequence[str] = ()) -> Difference:
    """Count the rows that two snapshots do not share; files that both have are not read.

    Args:
        table: The table's name.
        older: The id or the tag of a snapshot.
        newer: Of the other one; the current one when not given.
        keys: Columns that together name one row.

    Raises:
        UserError: There is no such table or snapshot, or the catalog cannot be reached.
    """
    import duckdb

    loaded = load_table(table)
    before = _files(loaded, find(loaded, table, older))
    after = _files(loaded, find(loaded, table, newer))
    with duckdb.connect() as connection:
        connection.register("older", _rows(loaded, before, after))
        connection.register("newer", _rows(loaded, after, before))
        connection.execute("create temp view added as from newer except all from older")
        connection.execute("create temp view removed as from older except all from newer")

        def count(query: str) -> int:
            (counted,) = connection.execute(f"select count(*) from {query}").fetchone() or (0,)
            return int(counted)

        columns = ", ".join(f'"{key}"' for key in keys)
        both = f"(select {columns} from added intersect all select {columns} from removed)"
        return Difference(count("added"), count("removed"), count(both) if keys else None)


def _files(loaded: Table, snapshot: Snapshot) -> dict[str, FileScanTask]:
    tasks = loaded.scan(snapshot_id=snapshot.snapshot_id).plan_files()
    # a file with rows deleted from it is another one than before
    return {f"{task.file.file_path} {sorted(each.file_path for each in task.delete_files)}": task for task in tasks}


def _rows(loaded: Table, files: dict[str, FileScanTask], without: dict[str, FileScanTask]) -> pa.Table:
    from pyiceberg.expressions import AlwaysTrue
    from pyiceberg.io.pyarrow import ArrowScan

    # by the schema of today, so that a column which came later counts as empty in older rows
    scan = ArrowScan(loaded.metadata, loaded.io, loaded.schema(), AlwaysTrue())
    return scan.to_table([task for name, task in files.items() if name not in without])
