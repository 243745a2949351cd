"""Expectations as columns of either engine: the ones of single rows, and those of the rows as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from dataops.engine import functions as F
from dataops.engine.frames import is_single_frame
from dataops.errors import UserError
from dataops.quality.expectations import Expectation, Fresh, InRange, Matches, NotNull, OneOf
from dataops.quality.report import Check

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_ROWS_TOGETHER = 250_000
"""Hashes that one task counts: a few ten MB of Spark's memory, at most, however many rows a table has."""


def check_columns(expectations: Iterable[Expectation], columns: Iterable[str], table: str) -> None:
    """Return if every column that is looked at exists.

    Raises:
        UserError: One does not.
    """
    known = list(columns)
    for one in expectations:
        for name in one.looks_at():
            if name not in known:
                raise UserError(
                    f"table {table} has no column {name!r}, of which {type(one).__name__} expects something;"
                    f" its columns are {', '.join(known)}"
                )


def violation(expectation: Expectation) -> Column | None:
    """Return whether a row is against an expectation, or None where no single row can be."""
    match expectation:
        case NotNull(column=name):
            wrong = column(name).isNull()
        case InRange(column=name, minimum=minimum, maximum=maximum):
            below = column(name) < F.lit(minimum) if minimum is not None else F.lit(False)
            above = column(name) > F.lit(maximum) if maximum is not None else F.lit(False)
            wrong = below | above
        case OneOf(column=name, values=values):
            wrong = ~column(name).isin(*values)
        case Matches(column=name, pattern=pattern):
            wrong = ~column(name).rlike(rf"\A(?:{pattern})\z")
        case _:
            return None
    return F.coalesce(wrong, F.lit(False))


def measures(expectations: Iterable[Expectation]) -> list[Column]:
    """Return what one pass over the rows finds out: their number, and one figure per expectation that has one."""
    found = [F.count(F.lit(1)).alias("rows")]
    for place, one in enumerate(expectations):
        wrong = violation(one)
        if wrong is not None:
            found.append(F.count(F.when(wrong, F.lit(1))).alias(f"check_{place}"))
        elif isinstance(one, Fresh):
            found.append(F.unix_seconds(F.max(column(one.column)).cast("timestamp")).alias(f"check_{place}"))
    return found


def judge(expectation: Expectation, found: int | None, rows: int, now: datetime) -> Check:
    """Return what a figure of that pass says about its expectation."""
    if isinstance(expectation, Fresh):
        return _judge_age(expectation, found, rows, now)
    wrong = found or 0
    allowed = expectation.max_rate * rows if isinstance(expectation, NotNull) else 0
    said = f"{wrong:,} of {rows:,} rows are against it" if wrong else "no row is against it"
    return Check(str(expectation), expectation.severity, wrong <= allowed, wrong, said)


def _judge_age(expectation: Fresh, newest: int | None, rows: int, now: datetime) -> Check:
    if newest is None:
        return Check(str(expectation), expectation.severity, rows == 0, rows, "no row has a value")
    instant = datetime.fromtimestamp(newest, UTC)
    fresh = now - instant <= expectation.max_age
    return Check(str(expectation), expectation.severity, fresh, 0 if fresh else rows, f"the newest is of {instant}")


def repeated(rows: DataFrame, columns: tuple[str, ...]) -> int:
    """Return how many rows repeat an earlier one in these columns."""
    compared = comparable(rows, columns)
    if is_single_frame(compared):
        return compared.count() - compared.distinct().count()
    # a hash that occurs as often as there are rows proves that none repeats, and is cheaper than the values. Equal ones
    # are brought together first: nearly all differ, and counting them where they lie fills the memory for nothing
    hashes = compared.select(F.xxhash64(*compared.columns).alias("hash"))
    spread = hashes.repartition(rows.count() // _ROWS_TOGETHER + 1, "hash")
    counts = spread.agg(F.count(F.lit(1)).alias("all"), F.count_distinct("hash").alias("distinct")).collect()[0]
    if counts["all"] == counts["distinct"]:
        return 0
    return int(counts["all"]) - compared.distinct().count()


def comparable(rows: DataFrame, columns: tuple[str, ...]) -> DataFrame:
    """Return these columns of the rows that have a value in each of them."""
    names = [column(name) for name in columns]
    return rows.select(*names).where(reduce(and_, (name.isNotNull() for name in names)))


def column(name: str) -> Column:
    """Return a column by its name, whatever signs it holds."""
    return F.col(f"`{name}`")
