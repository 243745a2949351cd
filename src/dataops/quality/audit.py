"""The audit: all expectations of a table, checked on rows that nobody reads yet; the rejected ones go to quarantine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from dataops.engine import functions as F
from dataops.quality.expectations import Expectation, RowCountDrift, Unique
from dataops.quality.report import Check
from dataops.quality.rules import column, comparable, judge, measures, repeated, violation

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

REASONS = "rejected_because"


@dataclass(frozen=True)
class Audited:
    """What is audited.

    Attributes:
        rows: The rows to be published, as the store holds them.
        compared: Told the columns that must be unique, the rows among which they must be.
        partitions: Into how many partitions the rows go.
        usual: How many rows a partition usually gets, or None when too little is known.
    """

    rows: DataFrame
    compared: Callable[[Sequence[str]], DataFrame]
    partitions: int
    usual: float | None


def audit(what: Audited, expectations: Sequence[Expectation]) -> tuple[int, tuple[Check, ...]]:
    """Check all expectations: one pass over the rows, and one over the columns of each uniqueness.

    Returns:
        How many rows there are, and a check per expectation.
    """
    found = what.rows.agg(*measures(expectations)).collect()[0].asDict()
    now = datetime.now(UTC)
    rows = int(found["rows"])
    checks = []
    for place, one in enumerate(expectations):
        match one:
            case Unique():
                again = repeated(what.compared(one.columns), one.columns)
                said = f"{again:,} rows repeat another one" if again else "no row repeats another one"
                checks.append(Check(str(one), one.severity, again == 0, again, said))
            case RowCountDrift():
                checks.append(_drift(one, rows, what))
            case _:
                checks.append(judge(one, found[f"check_{place}"], rows, now))
    return rows, tuple(checks)


def _drift(expectation: RowCountDrift, rows: int, what: Audited) -> Check:
    each = rows / max(what.partitions, 1)
    if what.usual is None:
        return Check(str(expectation), expectation.severity, True, 0, "too few publications to know what is usual")
    within = what.usual / expectation.max_ratio <= each <= what.usual * expectation.max_ratio
    said = f"{each:,.0f} rows for each partition came and {what.usual:,.0f} are usual"
    return Check(str(expectation), expectation.severity, within, 0 if within else rows, said)


def rejected(what: Audited, expectations: Sequence[Expectation], checks: Sequence[Check]) -> DataFrame | None:
    """Return the rows that failed errors are about with the reasons in one more column, or None if about no row."""
    rows = what.rows
    faults: list[tuple[Column, str]] = []
    for place, (one, check) in enumerate(zip(expectations, checks, strict=True)):
        if check.passed or check.severity != "error":
            continue
        wrong = violation(one)
        if isinstance(one, Unique):
            rows, wrong = _marked(rows, what, one.columns, f"__repeated_{place}")
        if wrong is not None:
            faults.append((wrong, f"expected that {one}"))
    if not faults:
        return None
    reasons = F.array_compact(F.array(*(F.when(wrong, F.lit(said)) for wrong, said in faults)))
    bad = rows.where(reduce(or_, (wrong for wrong, _ in faults)))
    return bad.select(*(column(name) for name in what.rows.columns), reasons.alias(REASONS))


def _marked(rows: DataFrame, what: Audited, columns: tuple[str, ...], mark: str) -> tuple[DataFrame, Column]:
    """The rows with a mark where their values in these columns occur more than once, and whether they have it."""
    keys = [f"{mark}_{place}" for place in range(len(columns))]
    values = comparable(what.compared(columns), columns)
    named = values.select(*(column(name).alias(key) for name, key in zip(columns, keys, strict=True)))
    often = named.groupBy(*keys).agg(F.count(F.lit(1)).alias(mark)).where(F.col(mark) > 1)
    same = reduce(and_, (column(name) == F.col(key) for name, key in zip(columns, keys, strict=True)))
    return rows.join(often, same, "left"), F.col(mark).isNotNull()
