"""Compaction: many small files become few large ones, without a change that a reader could see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataops.config import Settings
from dataops.errors import UserError
from dataops.spark.conf import CATALOG
from dataops.tables.access import check_may_write
from dataops.tables.branch import history, is_whole, load, repeatedly
from dataops.tables.python import load_table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TARGET_BYTES = 256 << 20
"""How large a file should become; what lies between half of it and twice of it stays as it is."""

SMALL_BYTES = TARGET_BYTES // 2
LARGE_BYTES = TARGET_BYTES * 2
FEWEST = 5
"""How many small files a partition must hold before they are worth the work."""


def worth_compacting(table: str) -> bool:
    """Return whether a partition holds `FEWEST` small files, or files are laid out by an older declaration.

    Raises:
        UserError: there is no such table, or the catalog cannot be reached.
    """
    small: dict[str, int] = {}
    loaded = load_table(table)
    for task in loaded.scan().plan_files():
        if task.file.spec_id != loaded.spec().spec_id:
            return True
        if task.file.file_size_in_bytes < SMALL_BYTES:
            partition = str(task.file.partition)
            small[partition] = small.get(partition, 0) + 1
    return max(small.values(), default=0) >= FEWEST


def compact(spark: SparkSession, table: str) -> tuple[int, int]:
    """Rewrite a table's small files, partition by partition, and all files that an older layout left.

    A commit of others meanwhile is no harm: what they replaced is left out, what they added stays. A commit of its own
    whose answer was lost may leave a snapshot that nobody can read; the table goes back to the one before it.

    Returns:
        How many files went and how many came instead.

    Raises:
        UserError: There is no such table, the account may not write it, or the catalog broke off.
    """
    check_may_write(table, Settings.load())
    loaded = load_table(table)
    older = any(task.file.spec_id != loaded.spec().spec_id for task in loaded.scan().plan_files())
    options = {
        "target-file-size-bytes": TARGET_BYTES,
        "min-file-size-bytes": SMALL_BYTES,
        "max-file-size-bytes": LARGE_BYTES,
        "min-input-files": FEWEST,
        "partial-progress.enabled": "true",
        "rewrite-all": str(older).lower(),
    }
    pairs = ", ".join(f"'{name}', '{value}'" for name, value in options.items())
    order = ", strategy => 'sort'" if loaded.sort_order().fields else ""
    call = f"call {CATALOG}.system.rewrite_data_files(table => '{table}'{order}, options => map({pairs}))"
    try:
        (done,) = spark.sql(call).collect()
    finally:
        went_back = _go_back_to_whole(spark, table)
    if went_back:
        raise UserError(
            f"the catalog broke off while table {table} was compacted; its rows are safe, run the same again"
        )
    return done["rewritten_data_files_count"], done["added_data_files_count"]


def _go_back_to_whole(spark: SparkSession, table: str) -> bool:
    """Let main be its newest snapshot that can be read, and return whether it was another one."""
    found = load(spark, table)
    line = list(history(found, found.currentSnapshot()))
    whole = next((one for one in line if is_whole(found, one)), None)
    if whole is None or whole.snapshotId() == line[0].snapshotId():
        return False
    repeatedly(lambda: load(spark, table).manageSnapshots().rollbackTo(whole.snapshotId()).commit())
    return True
