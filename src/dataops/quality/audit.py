"""The audit: all expectations of a table, checked on rows that nobody reads yet; the rejected ones go to quarantine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from dataops.quality.expectations import Expectation, RowCountDrift, Unique
from dataops.quality.report import Check
from dataops.quality.rules import column, judge, measures, repeated, violation

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
    rows, reasons = what.rows, []
    for place, (one, check) in enumerate(zip(expectations, checks, strict=True)):
        if check.passed or check.severity != "error":
            continue
        wrong = violation(one)
        if isinstance(one, Unique):
            rows = rows.join(_repeated_values(what, one.columns, f"__repeated_{place}"), list(one.columns), "left")
            wrong = column(f"__repeated_{place}").isNotNull()
        if wrong is not None:
            reasons.append(F.when(wrong, F.lit(f"expected that {one}")))
    if not reasons:
        return None
    said = rows.withColumn(REASONS, F.array_compact(F.array(*reasons))).where(F.size(REASONS) > 0)
    return said.select(*(column(name) for name in what.rows.columns), REASONS)


def _repeated_values(what: Audited, columns: tuple[str, ...], mark: str) -> DataFrame:
    names = [column(name) for name in columns]
    groups = what.compared(columns).select(*names).na.drop().groupBy(*names).count()
    return groups.where("count > 1").select(*names, F.lit(True).alias(mark))
