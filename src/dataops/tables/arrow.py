"""Publishing without a JVM: rows are audited in memory, then written and shown to readers in one commit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from dataops import lineage
from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables.access import check_may_write
from dataops.tables.audited import alone
from dataops.tables.names import table_location
from dataops.tables.publishing import ATTEMPTS, Publication, noted, others_keep_changing
from dataops.tables.python import ensure_namespace, lake_catalog, load_table
from dataops.tables.unshown import examine

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

    from dataops.engine.single import SingleFrame

_MARK = "dataops-write"
_LOG = logging.getLogger(__name__)


def publish_arrow(frame: SingleFrame, wanted: Publication) -> int:
    """Replace a table's rows, or its partitions that occur in the frame, in one commit that readers see whole or not.

    Args:
        frame: The rows.
        wanted: What is asked of the publication, which overwrites; the table is made when it does not exist.

    Returns:
        The id of the snapshot that this call published.

    Raises:
        QualityError: The rows are against what the table expects; the rejected ones are in quarantine.
        UserError: The account may not write there, the table has other columns, types or partitions, there are no
            rows, or others keep changing the table.
    """
    from pyiceberg.exceptions import CommitFailedException, ValidationException

    settings = Settings.load()
    check_may_write(wanted.table, settings)
    rows = frame.toArrow()
    with lake_catalog(settings) as catalog:
        if not catalog.table_exists(wanted.table):
            _create(catalog, rows, wanted.table, wanted.partition_by, settings)
    for _ in range(ATTEMPTS):
        try:
            return _attempt(frame, rows, wanted, settings)
        except (CommitFailedException, ValidationException):
            _LOG.info("the table changed meanwhile", extra={"table": wanted.table, "run": wanted.run})
    raise others_keep_changing(wanted.table)


def _attempt(frame: SingleFrame, rows: pa.Table, wanted: Publication, settings: Settings) -> int:
    found = load_table(wanted.table)
    _check_partitions(found, wanted.table, wanted.partition_by)
    fitting = _fitting(rows, found, wanted.table)
    if not len(fitting) and wanted.partition_by:
        raise _no_row(wanted.table)
    mark = {_MARK: str(uuid4())}
    properties = {**noted(wanted), **examine(frame.session, found, fitting, wanted, settings), **mark}
    if not alone(wanted):
        # what was audited holds for the table as it was loaded, so pyiceberg must not commit to a newer one by itself
        once = {**found.metadata.properties, "commit.retry.num-retries": "0"}
        found.metadata = found.metadata.model_copy(update={"properties": once})
    if wanted.partition_by:
        found.dynamic_partition_overwrite(fitting, snapshot_properties=properties)
    else:
        found.overwrite(fitting, snapshot_properties=properties)
    snapshot = found.current_snapshot()
    if snapshot is None or snapshot.summary is None or snapshot.summary[_MARK] != mark[_MARK]:
        raise _no_row(wanted.table)
    lineage.wrote(wanted.table, snapshot.snapshot_id)
    return snapshot.snapshot_id


def _no_row(table: str) -> UserError:
    return UserError(f"there is no row to publish to table {table}; look at what the job read")


def _create(catalog: Catalog, rows: pa.Table, table: str, partition_by: Sequence[str], settings: Settings) -> None:
    from pyiceberg.exceptions import TableAlreadyExistsError

    ensure_namespace(catalog, table)
    try:
        with catalog.create_table_transaction(
            table, schema=rows.schema, location=table_location(table, settings)
        ) as transaction:
            with transaction.update_spec() as spec:
                for name in partition_by:
                    spec.add_identity(name)
    except TableAlreadyExistsError:
        return  # another job was faster


def _check_partitions(found: Table, table: str, partition_by: Sequence[str]) -> None:
    schema, fields = found.schema(), found.spec().fields
    names = [schema.find_column_name(field.source_id) for field in fields if str(field.transform) == "identity"]
    if len(names) != len(fields) or names != list(partition_by):
        by = ", ".join(field.name for field in fields)
        raise UserError(
            f"table {table} is partitioned by {by or 'nothing'}, not by {', '.join(partition_by) or 'nothing'};"
            " publish it so, or under another name"
        )


def _fitting(rows: pa.Table, found: Table, table: str) -> pa.Table:
    import pyarrow as pa

    schema = found.schema().as_arrow()
    extra = sorted(set(rows.column_names) - set(schema.names))
    lacking = sorted(set(schema.names) - set(rows.column_names))
    if extra or lacking:
        raise UserError(
            f"table {table} has other columns than the frame (the frame has more: {', '.join(extra) or 'none'};"
            f" less: {', '.join(lacking) or 'none'}); change the table's declaration, or publish under another name"
        )
    try:
        return rows.select(schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise UserError(f"the rows do not fit the types of table {table} ({error}); cast them in the job") from error
