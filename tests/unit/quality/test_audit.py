"""The audit: each expectation counts what is against it, and rejected rows carry their reasons; on both engines."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from dataops.errors import UserError
from dataops.quality import (
    Check,
    Expectation,
    Fresh,
    InRange,
    Matches,
    NotNull,
    OneOf,
    Report,
    RowCountDrift,
    Unique,
)
from dataops.quality.audit import REASONS, Audited, audit, rejected
from dataops.quality.rules import check_columns
from tests.unit.quality.both import made

ROWS = [(1, "ab", 5.0), (1, "ab", 6.0), (2, None, 70.0), (None, "a\n", None), (None, "zz", float("nan"))]


@pytest.fixture
def rows(engine_session: SparkSession) -> DataFrame:
    """Five rows, of which few are good."""
    return made(engine_session, ROWS, **{"id": pa.int32(), "a code": pa.string(), "amount": pa.float64()})


def checked(
    rows: DataFrame, *expectations: Expectation, usual: float | None = None, partitions: int = 1
) -> list[Check]:
    """What the audit says."""
    return list(audit(Audited(rows, lambda columns: rows, partitions, usual), expectations)[1])


@pytest.mark.parametrize(
    ("expectation", "wrong"),
    [
        (NotNull("id"), 2),
        (InRange("amount", 5, 70), 1),  # NaN is above everything
        (InRange("amount", minimum=6), 1),
        (InRange("amount", maximum=6.0), 2),
        (OneOf("a code", ("ab", "zz")), 1),
        (Matches("a code", "[a-z]+"), 1),  # the line break counts
        (Matches("a code", "a|zz"), 3),  # as a whole
        (Unique("id"), 1),  # nulls are not compared
        (Unique("id", "a code"), 1),
        (Unique("id", "amount"), 0),
    ],
    ids=str,
)
def test_rows_against_it_are_counted(rows: DataFrame, expectation: Expectation, wrong: int) -> None:
    (check,) = checked(rows, expectation)
    assert (check.failed_rows, check.passed) == (wrong, wrong == 0)


def test_a_share_of_nulls_may_be_allowed(rows: DataFrame) -> None:
    assert [check.passed for check in checked(rows, NotNull("id", 0.4), NotNull("id", 0.39))] == [True, False]


def test_freshness_is_of_the_newest_value(engine_session: SparkSession) -> None:
    now = datetime.now(UTC)
    instants = [(now - timedelta(hours=hours),) for hours in (30, 3)]
    frame = made(engine_session, instants, t=pa.timestamp("us", "UTC"))
    day, hour = checked(frame, Fresh("t", timedelta(days=1)), Fresh("t", timedelta(hours=1)))
    assert (day.passed, hour.passed, hour.failed_rows) == (True, False, 2)
    (nothing,) = checked(made(engine_session, [(None,)], t=pa.date32()), Fresh("t", timedelta(days=1)))
    assert (nothing.passed, nothing.found) == (False, "no row has a value")


@pytest.mark.parametrize(("usual", "passed"), [(None, True), (1.0, True), (1.2, True), (6.0, False), (0.5, False)])
def test_drift_is_of_rows_for_each_partition(rows: DataFrame, usual: float | None, passed: bool) -> None:
    (check,) = checked(rows, RowCountDrift(2), usual=usual, partitions=4)
    assert check.passed is passed


def test_rejected_rows_say_why(rows: DataFrame) -> None:
    expectations: Sequence[Expectation] = (
        NotNull("id"),
        Unique("id"),
        InRange("amount", maximum=6, severity="warning"),
    )
    what = Audited(rows, lambda columns: rows, 1, None)
    _, checks = audit(what, expectations)
    found = rejected(what, expectations, checks)
    assert found is not None and found.columns == [*rows.columns, REASONS]
    reasons = sorted((row["id"] or 0, row[REASONS]) for row in found.collect())
    null, repeated = ["expected that id has a value"], ["expected that id is unique"]
    assert reasons == [(0, null), (0, null), (1, repeated), (1, repeated)]


def test_rows_as_a_whole_reject_no_single_row(rows: DataFrame) -> None:
    what = Audited(rows, lambda columns: rows, 1, usual=100)
    _, checks = audit(what, [RowCountDrift(2), NotNull("id", severity="warning")])
    assert rejected(what, [RowCountDrift(2), NotNull("id", severity="warning")], checks) is None


def test_no_rows_are_good_rows(engine_session: SparkSession) -> None:
    nothing = made(engine_session, [], id=pa.int32(), day=pa.date32())
    checks = checked(nothing, NotNull("id"), Unique("id"), Fresh("day", timedelta(days=1)))
    assert all(check.passed for check in checks)


def test_a_column_that_does_not_exist_is_named() -> None:
    with pytest.raises(UserError, match="silver.x has no column 'b', of which NotNull expects something; its columns"):
        check_columns([NotNull("a"), NotNull("b")], ["a"], "silver.x")


def test_the_score_is_the_share_of_rows_that_pass() -> None:
    def check(failed: int, passed: bool = False) -> Check:
        return Check("x", "warning", passed, failed, "")

    def score(rows: int, *checks: Check) -> float:
        return Report("silver.x", "run", rows, checks).score

    assert score(10, check(0, passed=True), check(5)) == 0.75
    assert score(10, check(3, passed=True)) == 1.0  # what an expectation allows is not wrong
    assert score(10, check(10), check(25)) == 0.0  # of the whole table more rows can be wrong than are published
    assert score(0, check(0)) == score(10) == 1.0
