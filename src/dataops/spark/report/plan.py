"""What the plans of an application's queries tell: by which columns rows were spread, and which files were touched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

# The names under which Spark and Iceberg count files and their bytes in a plan.
_READ = (
    {"number of files read", "number of result data files"},
    {"size of files read", "total data file size (bytes)"},
)
_WRITTEN = ({"number of written files"}, {"written output"})
_FETCHED = "records read"
_SPREAD = re.compile(r"(?:hash|range)partitioning\((.*?), \d+\)")
_PLACE = re.compile(r"\b\w+:/[^\s,\]]+|\blake\.[\w.]+")
_NUMBER = re.compile(r"#\d+L?")


@dataclass(frozen=True)
class Files:
    """Files that one node of a plan read or wrote."""

    place: str
    count: int
    size: int

    @property
    def mean(self) -> float:
        """The mean size of one, in bytes."""
        return self.size / self.count


@dataclass
class Plans:
    """What is kept of the plans of an application."""

    _columns: dict[int, str] = field(default_factory=dict)
    _read: dict[tuple[int, int], str] = field(default_factory=dict)
    _written: dict[tuple[int, int], str] = field(default_factory=dict)
    _values: dict[int, int] = field(default_factory=dict)

    def add(self, plan: dict[str, Any]) -> None:
        """Take in a plan; one that adaptive execution has changed keeps the numbers of the nodes that stayed."""
        for node in _nodes(plan):
            ids = {metric["name"]: metric["accumulatorId"] for metric in node.get("metrics", [])}
            if _FETCHED in ids and (spread := _SPREAD.search(node["simpleString"])):
                self._columns[ids[_FETCHED]] = _NUMBER.sub("", spread[1])
            for kept, (counts, sizes) in ((self._read, _READ), (self._written, _WRITTEN)):
                count, size = (next((ids[name] for name in names if name in ids), None) for names in (counts, sizes))
                if count is not None and size is not None:
                    kept[count, size] = _label(node)

    def count(self, updates: Iterable[tuple[int, int]]) -> None:
        """Take in what the driver counted."""
        self._values.update((number, value) for number, value in updates)

    def columns(self, accumulators: set[int]) -> str:
        """By which columns the rows were spread that a stage fetched; empty where no plan tells."""
        return next((self._columns[one] for one in sorted(accumulators & self._columns.keys())), "")

    def files_read(self) -> list[Files]:
        """The files that each scan read."""
        return self._files(self._read)

    def files_written(self) -> list[Files]:
        """The files that each write left."""
        return self._files(self._written)

    def _files(self, nodes: dict[tuple[int, int], str]) -> list[Files]:
        counted = [
            (label, self._values.get(count, 0), self._values.get(size, 0)) for (count, size), label in nodes.items()
        ]
        return [Files(*one) for one in counted if one[1]]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("children", []):
        yield from _nodes(child)


def _label(node: dict[str, Any]) -> str:
    """The path or the table of a node, as far as it says one."""
    match = _PLACE.search((node.get("metadata") or {}).get("Location") or node["simpleString"])
    return match[0] if match else "its source"
