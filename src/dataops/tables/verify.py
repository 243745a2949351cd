"""Whether a table is what it says: its files are there, as large as they should be, with the rows they should hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from dataops.tables.python import load_table
from dataops.tables.snapshots import find

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile

_READERS = 8


def verify(table: str, which: int | str | None = None) -> list[str]:
    """Return what is wrong with the files that a snapshot names, a sentence each; nothing where all is well.

    Args:
        table: The table's name.
        which: The id or the tag of a snapshot; the current one when not given.

    Raises:
        UserError: There is no such table or snapshot, or the catalog cannot be reached.
    """
    loaded = load_table(table)
    if which is None and loaded.current_snapshot() is None:
        return []  # nothing was ever written
    snapshot = find(loaded, table, which)
    try:
        tasks = list(loaded.scan(snapshot_id=snapshot.snapshot_id).plan_files())
    except OSError as error:
        return [f"the list of files of snapshot {snapshot.snapshot_id} cannot be read ({error})"]
    files = {file.file_path: file for task in tasks for file in (task.file, *task.delete_files)}
    with ThreadPoolExecutor(_READERS) as readers:
        found = [wrong for wrong in readers.map(lambda file: _wrong(loaded.io, file), files.values()) if wrong]
    listed = sum(task.file.record_count for task in tasks)
    promised = snapshot.summary["total-records"] if snapshot.summary else None
    if promised is not None and int(promised) != listed:
        found.append(f"snapshot {snapshot.snapshot_id} promises {promised} rows, its files hold {listed}")
    return found


def _wrong(io: FileIO, file: DataFile) -> str | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        stored = io.new_input(file.file_path)
        if len(stored) != file.file_size_in_bytes:
            return f"{file.file_path} has {len(stored)} bytes instead of {file.file_size_in_bytes}"
        with stored.open() as opened:
            rows = pq.ParquetFile(opened).metadata.num_rows
    except FileNotFoundError:
        return f"{file.file_path} is gone"
    except (OSError, pa.ArrowInvalid) as error:
        return f"{file.file_path} cannot be read ({error})"
    return None if rows == file.record_count else f"{file.file_path} has {rows} rows instead of {file.record_count}"
