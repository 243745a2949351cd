"""Brings a table of the lake to its declaration, as far as no value is lost or read differently afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataops.config import Settings
from dataops.errors import UserError
from dataops.spark.conf import CATALOG
from dataops.tables.access import check_may_write
from dataops.tables.declare import Column, Table
from dataops.tables.names import table_location
from dataops.tables.python import ensure_namespace, lake_catalog, writing

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table as Found
    from pyiceberg.table import Transaction
    from pyiceberg.table.update.schema import UpdateSchema
    from pyiceberg.types import NestedField


@dataclass(frozen=True)
class Change:
    """One difference between a declaration and the lake.

    Attributes:
        words: What applying it does; or, where it is refused, why, and how to do it on purpose.
        refused: Whether it would lose values or read them differently.
    """

    words: str
    refused: bool = False


def changes(table: Table) -> list[Change]:
    """Return what applying a declaration would do; nothing where the lake is as declared.

    Raises:
        UserError: the catalog cannot be reached.
    """
    with lake_catalog(Settings.load()) as catalog:
        if not catalog.table_exists(table.name):
            return [Change(f"is made, with {len(table.columns)} columns")]
        return _changes(table, catalog.load_table(table.name))


def apply(table: Table) -> list[Change]:
    """Make a table as it is declared, in one commit.

    Returns:
        What was done; nothing where the lake was as declared.

    Raises:
        UserError: a change would lose values or read them differently (then nothing at all is changed), the account
            may not write there, or the catalog cannot be reached.
    """
    settings = Settings.load()
    check_may_write(table.name, settings)
    with lake_catalog(settings) as catalog:
        planned = changes(table)
        refused = [change.words for change in planned if change.refused]
        if refused:
            raise UserError(f"table {table.name}: {'; '.join(refused)}")
        if not catalog.table_exists(table.name):
            _create(catalog, table, settings)
        elif planned:
            with writing(table.name) as found, found.transaction() as transaction:
                _evolve(transaction, found, table)
    return planned


def _create(catalog: Catalog, table: Table, settings: Settings) -> None:
    from dataops.tables import iceberg

    ensure_namespace(catalog, table.name)
    schema = iceberg.schema(table)
    catalog.create_table(
        table.name,
        schema=schema,
        location=table_location(table.name, settings),
        partition_spec=iceberg.spec(table, schema),
        sort_order=iceberg.order(table, schema),
        properties=iceberg.properties(table),
    )


def _changes(table: Table, found: Found) -> list[Change]:
    from dataops.tables import iceberg

    schema = found.schema()
    fields = {field.name: field for field in schema.fields}
    listed = [change for column in table.columns for change in _of_column(table, column, fields.pop(column.name, None))]
    listed += [_drop(table, name) for name in fields]
    wanted, partitions = _partitions(table), iceberg.partition_texts(found.spec(), schema)
    if partitions != wanted:
        listed.append(
            Change(
                f"new files are partitioned by {_list(wanted)} instead of {_list(partitions)}; loads are refused until"
                f" the others are brought along: dataops tables compact {table.name}"
            )
        )
    order = iceberg.order_texts(found.sort_order(), schema)
    if order and not table.sort_by:
        # pyiceberg 0.12 fails over an order of nothing
        how = f"spark.sql('alter table {CATALOG}.{table.name} write unordered')"
        listed.append(
            Change(f"files are sorted by {_list(order)}; declare an order, or end it with: {how}", refused=True)
        )
    elif order != table.sort_by:
        listed.append(Change(f"new files are sorted by {_list(table.sort_by)} instead of {_list(order)}"))
    return listed + [
        Change(f"property {name} becomes {value!r} instead of {found.properties.get(name, '')!r}")
        for name, value in iceberg.properties(table).items()
        if found.properties.get(name) != value
    ]


def _of_column(table: Table, column: Column, field: NestedField | None) -> list[Change]:
    from dataops.tables import iceberg

    if field is None:
        if column.required:
            rows = f"column {column.name} is new and required, but the rows that are there have no value for it"
            return [Change(f"{rows}; declare it without required", refused=True)]
        return [Change(f"column {column.name} ({column.type}) is added; older rows have none of it")]
    listed = []
    was, becomes = iceberg.type_name(field.field_type), iceberg.type_name(iceberg.column_type(column))
    if was != becomes and not iceberg.widens(field.field_type, iceberg.column_type(column)):
        words = (
            f"column {column.name} is {was} and declared {becomes}, which would lose values or read them differently"
        )
        listed.append(Change(f"{words}; declare a new column and fill it from this one", refused=True))
    elif was != becomes:
        listed.append(Change(f"column {column.name} is widened from {was} to {becomes}"))
    if column.required and not field.required:
        words = f"column {column.name} is declared required, but rows may lack it; once none does, say so with"
        how = f"update_schema(allow_incompatible_changes=True).update_column({column.name!r}, required=True).commit()"
        listed.append(Change(f"{words}: dataops.tables.load_table({table.name!r}).{how}", refused=True))
    if field.required and not column.required:
        listed.append(Change(f"column {column.name} may be empty from now on"))
    if (field.doc or "") != column.description:
        listed.append(Change(f"column {column.name} is described: {column.description or 'nothing'}"))
    return listed


def _drop(table: Table, column: str) -> Change:
    how = f"dataops.tables.load_table({table.name!r}).update_schema().delete_column({column!r}).commit()"
    return Change(f"column {column} is not declared; declare it, or drop it and its values with: {how}", refused=True)


def _evolve(transaction: Transaction, found: Found, table: Table) -> None:
    from pyiceberg.transforms import IdentityTransform

    from dataops.tables import iceberg

    schema = found.schema()
    fields = {field.name: field for field in schema.fields}
    with transaction.update_schema() as columns:
        for column in table.columns:
            _evolve_column(columns, column, fields.get(column.name))
    wanted, partitions = _partitions(table), iceberg.partition_texts(found.spec(), schema)
    if partitions != wanted:
        with transaction.update_spec() as spec:
            for text, field in zip(partitions, found.spec().fields, strict=True):
                if text not in wanted:
                    spec.remove_field(field.name)
            for each in table.partitions:
                if str(each) not in partitions:
                    spec.add_field(each.column, iceberg.transform(each), iceberg.partition_name(each))
    if iceberg.order_texts(found.sort_order(), schema) != table.sort_by:
        with transaction.update_sort_order() as order:
            for name, descending in table.order:
                (order.desc if descending else order.asc)(name, IdentityTransform())
    transaction.set_properties(iceberg.properties(table))


def _evolve_column(columns: UpdateSchema, column: Column, field: NestedField | None) -> None:
    from dataops.tables import iceberg

    wanted = iceberg.column_type(column)
    if field is None:
        columns.add_column(column.name, wanted, column.description or None)
        return
    if field.field_type != wanted:
        columns.update_column(column.name, wanted)
    if field.required and not column.required:
        columns.make_column_optional(column.name)
    if (field.doc or "") != column.description:
        columns.update_column(column.name, doc=column.description)


def _partitions(table: Table) -> tuple[str, ...]:
    return tuple(str(each) for each in table.partitions)


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(words) or "nothing"
