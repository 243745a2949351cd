"""What may be expected of a table's rows, as declarations; `dataops.quality.audit` checks them before a publication."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from dataops.errors import UserError

Severity = Literal["error", "warning"]
"""An error keeps the rows from being published; a warning is recorded, and they are published."""

Value = Any
"""A number, text, date or instant: whatever the column's type compares with."""


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What all expectations have.

    Attributes:
        severity: `error` blocks the publication, `warning` is recorded.

    Raises:
        UserError: The declaration makes no sense.
    """

    severity: Severity = "error"

    def __post_init__(self) -> None:
        """Check the declaration where it is written."""
        if self.severity not in ("error", "warning"):
            raise UserError(f"{self!r}: severity is {self.severity!r}; use 'error' or 'warning'")
        if fault := self.fault():
            raise UserError(f"{self!r}: {fault}")

    def fault(self) -> str | None:
        """Return what is wrong with the declaration, or None."""
        return None

    def looks_at(self) -> tuple[str, ...]:
        """Return the columns it looks at."""
        return ()


@dataclass(frozen=True)
class OfColumn(Expectation):
    """An expectation of one column.

    Attributes:
        column: Its name.
    """

    column: str

    def looks_at(self) -> tuple[str, ...]:
        """Return the columns it looks at."""
        return (self.column,)


@dataclass(frozen=True)
class NotNull(OfColumn):
    """A column has a value.

    Attributes:
        max_rate: The share of rows that may have none, 0 to 1.
    """

    max_rate: float = 0.0

    def fault(self) -> str | None:
        """Return what is wrong with the declaration, or None."""
        return None if 0 <= self.max_rate < 1 else "max_rate is a share of rows, from 0 to below 1"

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{self.column} has a value" + (f" in all but {self.max_rate:.2%} of rows" if self.max_rate else "")


@dataclass(frozen=True, init=False)
class Unique(Expectation):
    """No two rows of the table have the same values in these columns; rows with a null among them are not compared.

    Attributes:
        columns: Their names.
    """

    columns: tuple[str, ...]

    def __init__(self, *columns: str, severity: Severity = "error") -> None:
        """Take the columns one by one."""
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "severity", severity)
        self.__post_init__()

    def looks_at(self) -> tuple[str, ...]:
        """Return the columns it looks at."""
        return self.columns

    def fault(self) -> str | None:
        """Return what is wrong with the declaration, or None."""
        return None if self.columns else "name at least one column"

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{', '.join(self.columns)} is unique"


@dataclass(frozen=True)
class InRange(OfColumn):
    """A column's values lie between two bounds, which belong to the range; nulls pass.

    Attributes:
        minimum: The smallest value, or None for no bound.
        maximum: The largest value, or None for no bound.
    """

    minimum: Value | None = None
    maximum: Value | None = None

    def fault(self) -> str | None:
        """Return what is wrong with the declaration, or None."""
        if self.minimum is None and self.maximum is None:
            return "name a minimum, a maximum or both"
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            return "the minimum is above the maximum"
        return None

    def __str__(self) -> str:
        """Return it as people read it."""
        least, most = ("" if bound is None else str(bound) for bound in (self.minimum, self.maximum))
        return f"{self.column} is in {least}..{most}"


@dataclass(frozen=True)
class OneOf(OfColumn):
    """A column's values are among the named ones; nulls pass.

    Attributes:
        values: The values that may occur.
    """

    values: tuple[Value, ...]

    def fault(self) -> str | None:
        """Return what is wrong with the declaration, or None."""
        return None if isinstance(self.values, tuple) and self.values else "values is a tuple of at least one value"

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{self.column} is one of {', '.join(map(str, self.values))}"


@dataclass(frozen=True)
class Matches(OfColumn):
    """A text column's values match a regular expression as a whole; nulls pass.

    Attributes:
        pattern: What Java and Python both read, such as `[A-Z]{3}`.
    """

    pattern: str

    def fault(self) -> str | None:
        """Return what is wrong with the declaration, or None."""
        try:
            re.compile(self.pattern)
        except re.error as error:
            return f"the pattern is no regular expression ({error})"
        return None

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{self.column} matches {self.pattern}"


@dataclass(frozen=True)
class Fresh(OfColumn):
    """The newest value of a column of instants or days is not older than an age when the rows are published.

    Attributes:
        max_age: How old it may be.
    """

    max_age: timedelta

    def fault(self) -> str | None:
        """Return what is wrong with the declaration, or None."""
        return None if self.max_age > timedelta(0) else "max_age is above zero"

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"the newest {self.column} is at most {self.max_age} old"


@dataclass(frozen=True)
class RowCountDrift(Expectation):
    """As many rows come for each partition as usual: the median of the last ten publications, once there are three.

    Attributes:
        max_ratio: How many times more or less they may be; above 1.
    """

    max_ratio: float

    def fault(self) -> str | None:
        """Return what is wrong with the declaration, or None."""
        return None if self.max_ratio > 1 else "max_ratio is above 1"

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"rows for each partition are within {self.max_ratio:g} times the usual"
