"""Publishing without a JVM and without an audit: Arrow's rows through pyiceberg, in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from dataops.config import Settings, variable
from dataops.errors import UserError
from dataops.tables.access import check_may_write
from dataops.tables.names import split_name, table_location
from dataops.tables.python import lake_catalog, writing
from dataops.tables.snapshots import RUN

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

_MARK = "dataops-write"


def publish_arrow(rows: pa.Table, table: str, partition_by: Sequence[str] = (), run: str | None = None) -> int:
    """Replace a table's rows, in one commit that readers see whole or not at all.

    Args:
        rows: the rows.
        table: its name, such as `silver.flights`; made when it does not exist.
        partition_by: columns the table is partitioned by; then only partitions that occur in the rows are replaced.
        run: the identity of the run, kept with the snapshot; what DATAOPS_RUN says when left out.

    Returns:
        The id of the snapshot that this call made.

    Raises:
        UserError: the account may not write there, the table has other columns, types or partitions, or somebody
            else wrote at the same time.
    """
    settings = Settings.load()
    check_may_write(table, settings)
    with lake_catalog(settings) as catalog:
        if not catalog.table_exists(table):
            _create(catalog, rows, table, partition_by, settings)
    attempt = str(uuid4())
    mark = {_MARK: attempt, RUN: run or variable("DATAOPS_RUN") or f"unnamed/{attempt}"}
    with writing(table) as found:
        _check_partitions(found, table, partition_by)
        fitting = _fitting(rows, found, table)
        if partition_by:
            found.dynamic_partition_overwrite(fitting, snapshot_properties=mark)
        else:
            found.overwrite(fitting, snapshot_properties=mark)
        snapshot = found.current_snapshot()
    if snapshot is None or snapshot.summary is None or snapshot.summary[_MARK] != mark[_MARK]:
        raise UserError(f"there is no row to publish to table {table}; look at what the job read")
    return snapshot.snapshot_id


def _create(catalog: Catalog, rows: pa.Table, table: str, partition_by: Sequence[str], settings: Settings) -> None:
    from pyiceberg.exceptions import TableAlreadyExistsError

    catalog.create_namespace_if_not_exists(split_name(table)[0])
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
