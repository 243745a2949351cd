"""Expectations: a declaration that makes no sense is refused where it is written, and each reads as a sentence."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from dataops.errors import UserError
from dataops.quality import Expectation, Fresh, InRange, Matches, NotNull, OneOf, RowCountDrift, Unique

FATAL: Any = "fatal"
TEXT: Any = "abc"


@pytest.mark.parametrize(
    ("declare", "fault"),
    [
        (lambda: NotNull("a", max_rate=5), "max_rate is a share of rows, from 0 to below 1"),
        (lambda: NotNull("a", severity=FATAL), "severity is 'fatal'; use 'error' or 'warning'"),
        (lambda: Unique(), "name at least one column"),
        (lambda: InRange("a"), "name a minimum, a maximum or both"),
        (lambda: InRange("a", 2, 1), "the minimum is above the maximum"),
        (lambda: OneOf("a", ()), "values is a tuple of at least one value"),
        (lambda: OneOf("a", TEXT), "values is a tuple of at least one value"),
        (lambda: Matches("a", "("), "the pattern is no regular expression"),
        (lambda: Fresh("a", timedelta(0)), "max_age is above zero"),
        (lambda: RowCountDrift(1), "max_ratio is above 1"),
    ],
)
def test_what_makes_no_sense_is_refused(declare: Callable[[], Expectation], fault: str) -> None:
    with pytest.raises(UserError, match=fault):
        declare()


def test_each_reads_as_a_sentence() -> None:
    assert [
        str(one)
        for one in (
            NotNull("a"),
            NotNull("a", max_rate=0.01),
            Unique("a", "b"),
            InRange("a", minimum=0),
            OneOf("a", ("x", "y")),
            Matches("a", "[A-Z]{3}"),
            Fresh("t", timedelta(days=2)),
            RowCountDrift(3),
        )
    ] == [
        "a has a value",
        "a has a value in all but 1.00% of rows",
        "a, b is unique",
        "a is in 0..",
        "a is one of x, y",
        "a matches [A-Z]{3}",
        "the newest t is at most 2 days, 0:00:00 old",
        "rows for each partition are within 3 times the usual",
    ]
