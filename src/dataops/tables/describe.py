"""What a table is and holds, from its metadata alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from dataops.tables.python import load_table, table_names
from dataops.tables.snapshots import Version, versions

_READERS = 8


@dataclass(frozen=True)
class Field:
    """One column as the lake has it.

    Attributes:
        name: Its name.
        type: Its type, in the words of a declaration.
        required: Whether every row has a value.
        description: What the value means.
    """

    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True)
class Description:
    """One table as the lake has it.

    Attributes:
        name: Its name.
        owner: Who is asked about it; empty where nobody said so.
        description: What it holds; empty where nobody said so.
        location: Where its files lie.
        columns: In their order.
        partition_by: In the words of a declaration.
        sort_by: In the words of a declaration.
        rows: How many the current snapshot holds.
        files: How many data files it has.
        bytes: Their size.
        versions: The snapshots, the newest first.
    """

    name: str
    owner: str
    description: str
    location: str
    columns: tuple[Field, ...]
    partition_by: tuple[str, ...]
    sort_by: tuple[str, ...]
    rows: int
    files: int
    bytes: int
    versions: tuple[Version, ...]

    @property
    def current(self) -> Version | None:
        """The snapshot that readers see; None where nothing was ever written."""
        return next((version for version in self.versions if version.state == "current"), None)


def describe(table: str) -> Description:
    """Return what a table is and holds.

    Raises:
        UserError: there is no such table, or the catalog cannot be reached.
    """
    from dataops.tables import iceberg

    loaded = load_table(table)
    schema, current = loaded.schema(), loaded.current_snapshot()
    summary = current.summary.additional_properties if current and current.summary else {}
    return Description(
        name=table,
        owner=loaded.properties.get(iceberg.OWNER, ""),
        description=loaded.properties.get(iceberg.DESCRIPTION, ""),
        location=loaded.location(),
        columns=tuple(
            Field(each.name, iceberg.type_name(each.field_type), each.required, each.doc or "")
            for each in schema.fields
        ),
        partition_by=iceberg.partition_texts(loaded.spec(), schema),
        sort_by=iceberg.order_texts(loaded.sort_order(), schema),
        rows=int(summary.get("total-records", 0)),
        files=int(summary.get("total-data-files", 0)),
        bytes=int(summary.get("total-files-size", 0)),
        versions=tuple(versions(loaded)),
    )


def describe_all() -> list[Description]:
    """Return what every table of the lake is and holds.

    Raises:
        UserError: the catalog cannot be reached.
    """
    with ThreadPoolExecutor(_READERS) as readers:
        return list(readers.map(describe, table_names()))
