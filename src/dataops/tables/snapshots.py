"""Snapshots of a table: its history, tags that outlive it, and the way back to one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from dataops.errors import UserError
from dataops.tables.python import load_table, writing

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot

RUN = "dataops-run"
"""The property of a snapshot that says which run wrote it."""

OURS = "dataops-"
"""What the names of all properties begin with that the platform gives a snapshot."""

MAIN = "main"
"""The branch that readers see."""

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Version:
    """One snapshot of a table.

    Attributes:
        snapshot_id: Its id.
        written: When.
        operation: What Iceberg calls the write: append, overwrite, replace (the same rows in other files) or delete.
        rows: How many the table had after it.
        added: Rows that it added.
        removed: Rows that it took away.
        properties: What the platform noted about the write, the run among it.
        tags: What else it is called: its tags and branches.
        state: What it is to readers: they see it now, saw it before, saw it until it was rolled back, or never did.
    """

    snapshot_id: int
    written: datetime
    operation: str
    rows: int
    added: int
    removed: int
    properties: dict[str, str]
    tags: tuple[str, ...]
    state: Literal["current", "past", "rolled back", "never published"]


def history(table: str) -> list[Version]:
    """Return every snapshot that a table still has, the newest first.

    Raises:
        UserError: there is no such table, or the catalog cannot be reached.
    """
    return versions(load_table(table))


def versions(loaded: Table) -> list[Version]:
    """Return the snapshots of a loaded table, the newest first."""
    return sorted(
        (_version(loaded, snapshot) for snapshot in loaded.snapshots()), key=lambda each: each.written, reverse=True
    )


def find(loaded: Table, table: str, which: int | str | None) -> Snapshot:
    """Return a snapshot by its id or its tag, the current one when neither is given.

    Raises:
        UserError: the table has none such.
    """
    if which is None:
        snapshot = loaded.current_snapshot()
        if snapshot is None:
            raise UserError(f"table {table} has no snapshot yet; publish rows to it first")
        return snapshot
    known = {str(snapshot.snapshot_id): snapshot for snapshot in loaded.snapshots()}
    try:
        return known[str(_names(loaded).get(str(which), which))]
    except KeyError:
        raise UserError(
            f"table {table} has no snapshot and no tag {which}; see them with: dataops tables history {table}"
        ) from None


def tag(table: str, name: str, which: int | str | None = None) -> int:
    """Give a snapshot a name that expiry respects, such as the model trained on it.

    Args:
        table: The table's name.
        name: The tag; letters, digits, dot, dash and underscore.
        which: The id or another tag of a snapshot; the current one when not given.

    Returns:
        The snapshot's id. The same tag on the same snapshot again changes nothing.

    Raises:
        UserError: There is no such table or snapshot, the tag is taken, or the account may not write there.
    """
    if not _TAG.fullmatch(name) or name == MAIN:
        raise UserError(
            f"{name!r} is no tag; begin with a letter, then letters, digits, dots, dashes, underscores, but not {MAIN}"
        )
    with writing(table) as loaded:
        snapshot = find(loaded, table, which)
        taken = _names(loaded).get(name)
        if taken not in (None, snapshot.snapshot_id):
            raise UserError(f"table {table} has the tag {name} on snapshot {taken}; choose another name")
        if taken is None:
            loaded.manage_snapshots().create_tag(snapshot.snapshot_id, name).commit()
        return snapshot.snapshot_id


def rollback(table: str, to: int | str | None = None, *, before_run: str | None = None) -> int:
    """Make an earlier snapshot the current one again, in one commit; nothing is deleted.

    Args:
        table: The table's name.
        to: The id or the tag of the snapshot; a later one undoes a rollback.
        before_run: A run instead: the table becomes what it was before that run wrote to it.

    Returns:
        The id of the snapshot that is now the current one.

    Raises:
        UserError: There is no such table, snapshot or run, or the account may not write there.
    """
    if (to is None) == (before_run is None):
        raise UserError(f"say where table {table} goes back to: either to a snapshot or before a run")
    with writing(table) as loaded:
        target = find(loaded, table, to).snapshot_id if before_run is None else _before(loaded, table, before_run)
        if target != loaded.metadata.current_snapshot_id:
            loaded.manage_snapshots().set_current_snapshot(target).commit()
        return target


def _before(loaded: Table, table: str, run: str) -> int:
    own = [each for each in line(loaded).values() if summary(each).get(RUN) == run]
    if not own:
        raise UserError(f"no run {run} wrote to table {table}; see who did with: dataops tables history {table}")
    parent = own[-1].parent_snapshot_id
    if parent is None or loaded.snapshot_by_id(parent) is None:
        raise UserError(
            f"the snapshot of table {table} from before run {run} is gone or never was;"
            " load again what the table should hold"
        )
    return parent


def _names(loaded: Table) -> dict[str, int]:
    """Tags and branches but for the main one, which is the table itself."""
    return {name: ref.snapshot_id for name, ref in loaded.metadata.refs.items() if name != MAIN}


def line(loaded: Table, head: int | None = None) -> dict[int, Snapshot]:
    """Return a snapshot, by default the current one, and those it came from, the newest first, by their ids."""
    found: dict[int, Snapshot] = {}
    snapshot = loaded.current_snapshot() if head is None else loaded.snapshot_by_id(head)
    while snapshot is not None:
        found[snapshot.snapshot_id] = snapshot
        parent = snapshot.parent_snapshot_id
        snapshot = loaded.snapshot_by_id(parent) if parent is not None else None
    return found


def _version(loaded: Table, snapshot: Snapshot) -> Version:
    said = summary(snapshot)
    return Version(
        snapshot_id=snapshot.snapshot_id,
        written=datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC),
        operation=snapshot.summary.operation.value if snapshot.summary else "unknown",
        rows=int(said.get("total-records", 0)),
        added=int(said.get("added-records", 0)),
        removed=int(said.get("deleted-records", 0)),
        properties={name: value for name, value in sorted(said.items()) if name.startswith(OURS)},
        tags=tuple(sorted(name for name, snapshot_id in _names(loaded).items() if snapshot_id == snapshot.snapshot_id)),
        state=_state(loaded, snapshot.snapshot_id),
    )


def _state(loaded: Table, snapshot_id: int) -> Literal["current", "past", "rolled back", "never published"]:
    if snapshot_id == loaded.metadata.current_snapshot_id:
        return "current"
    if snapshot_id in line(loaded):
        return "past"
    was_current = snapshot_id in (entry.snapshot_id for entry in loaded.metadata.snapshot_log)
    return "rolled back" if was_current else "never published"


def summary(snapshot: Snapshot) -> dict[str, str]:
    """Return what a snapshot says about itself."""
    return dict(snapshot.summary.additional_properties) if snapshot.summary else {}
