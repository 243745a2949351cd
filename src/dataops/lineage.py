"""Which data this process has read and published, so that runs in MLflow and events of OpenLineage can say it."""

from __future__ import annotations

from collections.abc import Callable

_read: dict[str, None] = {}  # a set that keeps the order
_written: dict[str, None] = {}
_listeners: list[Callable[[], None]] = []


def record(name: str, snapshot: int | None = None) -> None:
    """Remember that a table was read at a snapshot, or a path, which has none."""
    version = name if snapshot is None else f"{name}@{snapshot}"
    if version not in _read:
        _read[version] = None
        for listener in _listeners:
            listener()


def wrote(name: str, snapshot: int) -> None:
    """Remember that a table was published as a snapshot."""
    _written[f"{name}@{snapshot}"] = None


def published() -> list[str]:
    """Return what was published, as `<table>@<snapshot>`."""
    return list(_written)


def versions() -> list[str]:
    """Return what was read, as `<table>@<snapshot>` or a path, in the order of the first reading."""
    return list(_read)


def on_record(listener: Callable[[], None]) -> None:
    """Have a function called whenever something new was read."""
    _listeners.append(listener)
