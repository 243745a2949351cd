"""Publishing: rows are written where nobody reads, audited, and become visible in one commit, or not at all."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from dataops import lineage
from dataops.config import Settings, variable
from dataops.errors import UserError
from dataops.spark.conf import CATALOG
from dataops.tables.access import check_may_write
from dataops.tables.branch import Branches, MovedError, load, published_by
from dataops.tables.declare import Table
from dataops.tables.snapshots import RUN
from dataops.tables.writing import check_shape, create, write

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

INPUTS = "dataops-inputs"
"""The property of a snapshot that names what the run had read, with snapshots."""

Mode = Literal["overwrite", "merge", "append"]
_LOG = logging.getLogger(__name__)
ATTEMPTS = 5
"""How often a publication begins anew because others changed the table meanwhile."""


@dataclass(frozen=True)
class Publication:
    """What is asked of one publication.

    Attributes:
        table: The table's name.
        partition_by: What it is partitioned by.
        mode: How its rows meet those that are there.
        run: The identity of the run.
        keys: The columns that name one row.
        expectations: What the rows must fulfil.
    """

    table: str
    partition_by: tuple[str, ...]
    mode: Mode
    run: str
    keys: tuple[str, ...] = ()
    expectations: tuple[Any, ...] = ()


def publish(
    df: DataFrame,
    table: str | Table,
    partition_by: Sequence[str] = (),
    *,
    mode: Mode = "overwrite",
    run: str | None = None,
) -> int:
    """Write rows to a table, audit them, and show them to readers in one commit; on any failure readers keep what was.

    Args:
        df: The rows.
        table: The table's declaration, with its partitions, keys and expectations; or only its name, such as
            `silver.flights`. It is made when it does not exist.
        partition_by: What the table is partitioned by, where only its name is given.
        mode: `overwrite` replaces the partitions that occur in the frame, or all rows of a table without partitions;
            `merge` replaces rows with the same keys and adds the others; `append` adds rows.
        run: The identity of the run, such as DAG, run and task; what DATAOPS_RUN says when left out. It is kept with
            the snapshot, and an append that this run has published already is not done again.

    Returns:
        The id of the snapshot that this call published, or of the one that this run had appended before.

    Raises:
        QualityError: The rows are against what the table expects; the rejected ones are in quarantine.
        UserError: The account may not write there, the table has other columns or partitions, the frame has no rows,
            or others keep changing the table.
    """
    from dataops.quality.rules import check_columns

    wanted = publication(table, partition_by, mode, run)
    check_columns(wanted.expectations, df.columns, wanted.table)
    settings = Settings.load()
    spark = df.sparkSession
    check_may_write(wanted.table, settings)
    if spark.catalog.tableExists(f"{CATALOG}.{wanted.table}"):
        check_shape(df, wanted.table, wanted.partition_by)
    else:
        create(df, wanted.table, wanted.partition_by, settings)
    for number in range(ATTEMPTS):
        try:
            # whoever begins anew may have been disturbed by another attempt of its run, and must not disturb it in turn
            return _attempt(df, wanted, settings, alone_in_run=number == 0)
        except MovedError:
            _LOG.info("the table changed meanwhile", extra={"table": wanted.table, "run": wanted.run})
    raise others_keep_changing(wanted.table)


def others_keep_changing(table: str) -> UserError:
    """Return the error about a table that never rests."""
    return UserError(f"others keep changing table {table}; run this again when they are done")


def publication(table: str | Table, partition_by: Sequence[str], mode: Mode, run: str | None) -> Publication:
    """Return what is asked for; arguments as for `publish`.

    Raises:
        UserError: It makes no sense.
    """
    run = run or variable("DATAOPS_RUN")
    name = table.name if isinstance(table, Table) else table
    if mode not in ("overwrite", "merge", "append"):
        raise UserError(f"table {name} cannot be published by {mode!r}; use overwrite, merge or append")
    if mode == "append" and not run:
        raise UserError(
            f"an append to table {name} needs run=, by which a repeat is recognised; name DAG, run and task"
        )
    run = run or f"unnamed/{uuid4()}"
    if isinstance(table, Table):
        if partition_by:
            raise UserError(f"table {name} is declared with its partitions; leave partition_by out")
        return Publication(name, table.partition_by, mode, run, table.keys, table.expectations)
    if mode == "merge":
        raise UserError(f"a merge into table {name} needs its keys; declare them with dataops.tables.Table")
    return Publication(name, tuple(partition_by), mode, run)


def noted(wanted: Publication) -> dict[str, str]:
    """Return what the snapshot of every publication says: the run, and what it had read."""
    return {RUN: wanted.run, INPUTS: ", ".join(lineage.versions()) or "none"}


def _attempt(df: DataFrame, wanted: Publication, settings: Settings, *, alone_in_run: bool) -> int:
    from dataops.tables.audited import alone, examine

    spark = df.sparkSession
    table = load(spark, wanted.table)
    earlier = published_by(table, table.currentSnapshot(), wanted.run) if wanted.mode == "append" else None
    if earlier is not None:
        return earlier
    with Branches(spark, wanted.table, wanted.run, alone=alone_in_run) as branches:
        write(df, branches.target, wanted.mode, bool(wanted.partition_by), wanted.keys)
        written = branches.written()
        if written is None and wanted.mode == "overwrite" and wanted.partition_by:
            raise UserError(f"the frame for table {wanted.table} has no rows, so it names no partition to replace")
        found = examine(spark, branches, written, wanted, settings)
        properties = {**noted(wanted), **found}
        for _ in range(ATTEMPTS):
            ready = branches.prepare(written, wanted.mode, properties)
            if ready.parentId() != branches.base and not alone(wanted):
                raise MovedError(wanted.table)
            if wanted.mode == "append" and _repeats(branches, ready, wanted.run):
                raise MovedError(wanted.table)  # another attempt of this run was faster
            try:
                branches.forward(ready)
                lineage.wrote(wanted.table, int(ready.snapshotId()))
                return int(ready.snapshotId())
            except MovedError:
                continue  # what was audited holds: only the last step is done anew
        raise MovedError(wanted.table)


def _repeats(branches: Branches, ready: Any, run: str) -> bool:
    table, parent = branches.load(), ready.parentId()
    return parent is not None and published_by(table, table.snapshot(parent), run) is not None
