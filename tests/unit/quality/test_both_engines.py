"""Spark and one machine find the same in the same rows: each verdict and figure, and the rejected rows with reasons."""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from dataops.quality import Check, Fresh, InRange, Matches, NotNull, OneOf, RowCountDrift, Unique
from dataops.quality.audit import Audited, audit, rejected
from dataops.quality.rules import repeated
from tests.unit.quality.both import made

TEXTS = ("ABC", "AB", "abc", "", None, "ABCD", "ABC\n", "ÄBC", "A\u2028C", " ABC", "A1C", "ABC\r\n", "EWR")
NUMBERS = (0.0, -0.0, math.nan, math.inf, -math.inf, None, 1.5, -120.0, 1e-300)
BEGIN = datetime(2013, 1, 1, tzinfo=UTC)
COLUMNS = {
    "id": pa.int64(),
    "a code": pa.string(),
    "amount": pa.float64(),
    "at": pa.timestamp("us", "UTC"),
    "day": pa.date32(),
    "open": pa.bool_(),
}
ERRORS = (
    Unique("id"),
    Unique("a code", "amount", "open"),
    NotNull("id"),
    NotNull("a code", max_rate=0.01),
    InRange("amount", -120, 1.5),
    InRange("at", minimum=BEGIN, maximum=BEGIN + timedelta(minutes=150)),
    InRange("day", maximum=date(2013, 1, 20)),
    OneOf("a code", ("ABC", "EWR", "")),
    Matches("a code", "[A-Z]{3}"),
    Matches("a code", r"\w+|[^A-Z]*"),
    Fresh("at", timedelta(days=1)),
    Fresh("day", timedelta(days=365_000)),
    RowCountDrift(2),
    NotNull("open", severity="warning"),
)


def rows(number: int, first: int = 0) -> list[tuple[Any, ...]]:
    """Rows of which each is wrong in some way, some of them more than once."""
    texts, numbers = (islice(cycle(each), first, None) for each in (TEXTS, NUMBERS))
    return [
        (
            None if at % 41 == 0 else at - at % 17 // 16,
            next(texts),
            next(numbers),
            BEGIN + timedelta(minutes=at, microseconds=999_999),
            date(2013, 1, 1) + timedelta(days=at % 25),
            None if at % 3 == 0 else at % 2 == 0,
        )
        for at in range(first, first + number)
    ]


GOOD = [(at, "ABC", at / 100, BEGIN, date(2013, 1, 2), True) for at in range(1, 100)]


@pytest.fixture
def engines(local_spark: SparkSession, request: pytest.FixtureRequest) -> Iterator[SparkSession]:
    """Spark, then one machine, whose functions take over as soon as it is there."""

    def each() -> Iterator[SparkSession]:
        yield local_spark
        yield request.getfixturevalue("single_machine")

    return each()


Found = tuple[int, tuple[Check, ...], list[str] | None]


def found(session: SparkSession, own: list[tuple[Any, ...]], others: list[tuple[Any, ...]]) -> Found:
    """What an engine finds in rows that come to others."""
    frame, whole = made(session, own, **COLUMNS), made(session, own + others, **COLUMNS)
    what = Audited(frame, lambda columns: whole if columns == ("id",) else frame, 3, 20.0)
    count, checks = audit(what, ERRORS)
    bad = rejected(what, ERRORS, checks)
    return count, checks, None if bad is None else sorted(str(row.asDict()) for row in bad.collect())


@pytest.mark.parametrize(
    ("own", "others", "bad"),
    [(rows(200), rows(60, 150), True), (GOOD, [], False), (GOOD, GOOD[:9], True), ([], GOOD, False)],
    ids=["bad", "good", "repeated", "none"],
)
def test_both_find_the_same(
    engines: Iterator[SparkSession], own: list[tuple[Any, ...]], others: list[tuple[Any, ...]], bad: bool
) -> None:
    on_spark, on_one_machine = (found(session, own, others) for session in engines)
    assert on_one_machine == on_spark
    assert bool(on_spark[2]) is bad


def test_both_take_the_same_for_repeated(engines: Iterator[SparkSession]) -> None:
    twice = [(value,) for value in NUMBERS + NUMBERS]
    on_spark, on_one_machine = (repeated(made(session, twice, amount=pa.float64()), ("amount",)) for session in engines)
    assert (
        on_spark == on_one_machine == 2 * len(NUMBERS) - 2 - (len(NUMBERS) - 2)
    )  # 0.0 is -0.0, nulls are not compared
