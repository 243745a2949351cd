"""What a table is, in code: columns, partitions, order, keys, owner, description; checked where it is written."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dataops.errors import UserError
from dataops.tables.names import split_name

TYPES = (
    *("boolean", "int", "bigint", "float", "double"),
    *("date", "timestamp", "timestamp_ntz", "string", "binary"),
)
"""Spark's names of the types a column may have, beside decimal(precision, scale); `timestamp` is an instant."""

TRANSFORMS = ("year", "month", "day", "hour", "bucket")
"""What a table may be partitioned by, beside a column itself."""

_WORD = "[a-z_][a-z0-9_]*"
_NAME = re.compile(_WORD)
_DECIMAL = re.compile(r"decimal\((\d+), ?(\d+)\)")
_PARTITION = re.compile(rf"(?P<name>{_WORD})|(?P<transform>[a-z]+)\(((?P<count>\d+), ?)?(?P<column>{_WORD})\)")
_ORDER = re.compile(rf"(?P<column>{_WORD})(?P<descending> desc)?")
_INSTANTS = ("timestamp", "timestamp_ntz")
_FITTING = {"year": ("date", *_INSTANTS), "month": ("date", *_INSTANTS), "day": ("date", *_INSTANTS), "hour": _INSTANTS}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: Small letters, digits and underscores.
        type: One of `TYPES` or decimal(precision, scale).
        required: Whether every row has a value.
        description: What the value means, with its unit.

    Raises:
        UserError: The name or the type is none.
    """

    name: str
    type: str
    required: bool = False
    description: str = ""

    def __post_init__(self) -> None:
        """Check name and type."""
        if not _NAME.fullmatch(self.name):
            raise UserError(f"{self.name!r} is no name of a column; use small letters, digits and underscores")
        if self.type not in TYPES and self.decimal is None:
            raise UserError(
                f"column {self.name}: {self.type!r} is no type; use {', '.join(TYPES)} or decimal(precision, scale)"
            )

    @property
    def decimal(self) -> tuple[int, int] | None:
        """Precision and scale of a decimal that fits into Iceberg's 38 digits, or None."""
        match = _DECIMAL.fullmatch(self.type)
        precision, scale = (int(match[1]), int(match[2])) if match else (0, 0)
        return (precision, scale) if scale <= precision and 1 <= precision <= 38 else None


@dataclass(frozen=True)
class Partition:
    """One part of how a table's files are laid out, as `Table.partitions` reads it.

    Attributes:
        column: The column it comes from.
        transform: One of `TRANSFORMS`, or `identity`.
        buckets: How many, for `bucket`.
    """

    column: str
    transform: str = "identity"
    buckets: int = 0

    def __str__(self) -> str:
        """Return it as it is written in `partition_by`."""
        if self.transform == "identity":
            return self.column
        return f"{self.transform}({f'{self.buckets}, ' if self.buckets else ''}{self.column})"


@dataclass(frozen=True)
class Table:
    """A table of the lake as it should be; `dataops tables apply` makes it so.

    Attributes:
        name: Such as `silver.flights`.
        columns: In their order.
        owner: Who is asked about it.
        description: One sentence for who meets the table.
        partition_by: Columns, or `year(x)`, `month(x)`, `day(x)`, `hour(x)`, `bucket(16, x)`.
        sort_by: Columns that files are sorted by, such as `time_hour` or `time_hour desc`.
        keys: Columns that together name one row.
        expectations: What rows must fulfil before they are published (`dataops.quality`).

    Raises:
        UserError: Something of it is missing, unknown or said twice.
    """

    name: str
    columns: tuple[Column, ...]
    owner: str
    description: str
    partition_by: tuple[str, ...] = ()
    sort_by: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    expectations: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        """Check that the parts fit together."""
        split_name(self.name)
        if not self.columns:
            raise self._wrong("has no column; name at least one")
        for what in ("owner", "description"):
            if not getattr(self, what).strip():
                raise self._wrong(f"has no {what}; whoever meets the table needs it")
        self._refuse_repeated("columns", (column.name for column in self.columns))
        self._refuse_repeated("keys", self.keys)
        self._refuse_repeated("sort_by", (column for column, _ in self.order))
        self._refuse_repeated("partition_by", (each.column for each in self.partitions))
        for what, names in (("keys", self.keys), ("sort_by", [column for column, _ in self.order])):
            for name in names:
                self._column(name, what)

    @property
    def partitions(self) -> tuple[Partition, ...]:
        """The parts of `partition_by`."""
        return tuple(self._partition(text) for text in self.partition_by)

    @property
    def order(self) -> tuple[tuple[str, bool], ...]:
        """The parts of `sort_by`: a column, and whether its largest value comes first."""
        matches = [(_ORDER.fullmatch(text), text) for text in self.sort_by]
        wrong = [text for match, text in matches if match is None]
        if wrong:
            raise self._wrong(f"cannot be sorted by {wrong[0]!r}; write a column, or a column and desc")
        return tuple((match["column"], bool(match["descending"])) for match, _ in matches if match)

    def _partition(self, text: str) -> Partition:
        match = _PARTITION.fullmatch(text)
        if match is None or (match["transform"] or "year") not in TRANSFORMS:
            raise self._wrong(f"cannot be partitioned by {text!r}; write x, day(x), month(x) or bucket(16, x)")
        name = match["name"] or match["column"]
        column, transform, buckets = self._column(name, "partition_by"), match["transform"], int(match["count"] or 0)
        if (transform == "bucket") != (buckets > 0):
            raise self._wrong(f"cannot be partitioned by {text!r}; only a bucket has a number, such as bucket(16, x)")
        if transform in _FITTING and column.type not in _FITTING[transform]:
            fitting = " or ".join(_FITTING[transform])
            raise self._wrong(
                f"cannot be partitioned by {text!r}: {name} is {column.type}, and {transform} takes {fitting}"
            )
        return Partition(name, transform or "identity", buckets)

    def _column(self, name: str, what: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise self._wrong(f"has no column {name!r}, which {what} names; its columns are {', '.join(self._names())}")

    def _names(self) -> list[str]:
        return [column.name for column in self.columns]

    def _refuse_repeated(self, what: str, names: Iterable[str]) -> None:
        repeated = [name for name, count in Counter(names).items() if count > 1]
        if repeated:
            raise self._wrong(f"names {repeated[0]} twice in {what}; leave one of them out")

    def _wrong(self, what: str) -> UserError:
        return UserError(f"table {self.name} {what}")
