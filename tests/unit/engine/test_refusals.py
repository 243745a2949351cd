"""What a single machine cannot prove to be equal it refuses in one sentence, and never computes otherwise."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import Column

from dataops.engine import functions as F
from dataops.engine.single import SingleFrame, SingleSession, single_session
from dataops.errors import UserError

ROWS = pa.table(
    {
        "s": ["7", "8.9"],
        "i": [1, 2],
        "m": pa.array([Decimal("1.50"), None]),
        "t": ["2013-1-1", "12:00"],
        "u": ["ß", "İ"],
    }
)


@pytest.fixture
def session() -> Iterator[SingleSession]:
    """A session of one machine."""
    with single_session() as opened:
        yield opened


@pytest.fixture
def frame(session: SingleSession) -> SingleFrame:
    """Some rows of it."""
    return session.frame(ROWS)


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (lambda: F.expr("i / 2"), "F.expr is not proved"),
        (lambda: F.round("i", 1), "F.round is not proved"),
        (lambda: F.rand(), "F.rand is not proved"),
        (lambda: F.no_such_function("i"), "F.no_such_function is not proved"),  # type: ignore[attr-defined]  # a slip
        (lambda: F.col("s").rlike("x.*"), "RLIKE 'x.*' is not proved"),
        (lambda: F.col("s").like("x\\%"), "is not proved"),
        (lambda: F.col("i").cast("float"), "AS FLOAT) is not proved"),
        (lambda: F.col("i").cast("decimal(9,2)"), "is not proved"),
        (lambda: F.col("i").cast("timestamp"), "a cast of BIGINT to timestamp"),
        (lambda: F.col("m") / F.col("i"), "a quotient or an average of decimals"),
        (lambda: F.avg("m"), "a quotient or an average of decimals"),
        (lambda: F.col("s") == 7, "a comparison of text with a number"),
        (lambda: F.col("s").isin(7, 8), "a comparison of text with a number"),
        (lambda: F.col("s") + 1, "one machine cannot compute this as Spark would"),
        (lambda: F.col("i") + 9_223_372_036_854_775_807, "Overflow"),
        (lambda: F.col("t").cast("timestamp"), "the text 2013-1-1 as timestamp"),
        (lambda: F.col("t").cast("date"), "the text 2013-1-1 as date"),
        (lambda: F.upper("u"), "upper of ß"),
        (lambda: F.floor("m"), "floor of DECIMAL"),
        (lambda: F.substring("s", -1, 1), "a substring from the end"),
    ],
)
def test_what_differs_is_refused(frame: SingleFrame, made: Callable[[], Column], named: str) -> None:
    with pytest.raises(UserError) as error:
        frame.select(made()).toArrow()
    assert named in str(error.value)
    assert "--engine spark" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("call", [lambda s: s.sql("select 1"), lambda s: s.createDataFrame([(1,)], ["a"])])
def test_what_has_no_proof_is_refused(session: SingleSession, call: Callable[[SingleSession], Any]) -> None:
    with pytest.raises(UserError, match="--engine spark"):
        call(session)


def test_after_the_session_functions_are_sparks_again() -> None:
    from pyspark.sql import functions

    with single_session():
        assert F.col is not functions.col
    assert F.col is functions.col


def test_names_keep_their_capitals(frame: SingleFrame) -> None:
    named = frame.groupBy("i").agg(F.count("*").alias("Rows Of It")).withColumn("Twice", F.col("Rows Of It") * 2)
    names = ["i", "Rows Of It", "Twice"]
    assert named.columns == named.toArrow().column_names == list(named.toPandas().columns) == names
    assert list(named.persist().collect()[0].asDict()) == names
