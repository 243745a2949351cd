"""Every function and operator that a single machine offers gives there what it gives on Spark, value and type."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa
import pytest
from pyspark.sql import Column, DataFrame, SparkSession, WindowSpec
from pyspark.sql.pandas.types import to_arrow_schema

from dataops.engine import Window
from dataops.engine import functions as F
from dataops.engine.functions import PROVED
from dataops.engine.single import single_session
from dataops.testing.fixtures import local_spark

__all__ = ["local_spark"]

Results = dict[str, tuple[pa.DataType, list[Any]]]
SCHEMA = "k int, i int, l bigint, d double, s string, t string, at timestamp, day date, ok boolean, m decimal(12,2)"
NAN = math.nan
ROWS: list[tuple[Any, ...]] = [
    (
        1,
        7,
        7_000_000_000,
        5.58,
        "5.58",
        "2013-01-01T10:00:00Z",
        datetime(2013, 11, 3, 5, 30, tzinfo=UTC),
        date(2013, 12, 31),
        True,
        Decimal("12.50"),
    ),
    (
        2,
        -7,
        -1,
        -5.58,
        " 7 ",
        "2013-03-10 01:59:59.5+05:00",
        datetime(1969, 12, 31, 23, 59, 59, 600_000, tzinfo=UTC),
        date(2016, 2, 29),
        False,
        Decimal("-0.99"),
    ),
    (
        3,
        0,
        0,
        0.0,
        "",
        "2013-02-30",
        datetime(2024, 2, 29, 0, 0, tzinfo=UTC),
        date(1969, 12, 31),
        True,
        Decimal("0.00"),
    ),
    (4, None, None, None, None, None, None, None, None, None),
    (
        5,
        2,
        2,
        2.5,
        "1e3",
        "never",
        datetime(2013, 3, 10, 7, 0, tzinfo=UTC),
        date(2013, 1, 1),
        False,
        Decimal("9999999999.99"),
    ),
    (
        6,
        3,
        3,
        -0.5,
        "-12",
        "2013-01-01",
        datetime(2012, 12, 31, 23, 0, tzinfo=UTC),
        date(2012, 12, 31),
        True,
        Decimal("1.00"),
    ),
    (
        7,
        2147483647,
        2,
        1e300,
        "3000000000",
        "",
        datetime(2013, 6, 15, 12, 34, 56, 123_456, tzinfo=UTC),
        date(9999, 12, 31),
        True,
        Decimal("0.01"),
    ),
    (
        8,
        1,
        1,
        NAN,
        "\t1.5d\t",
        "x2013-01-01",
        datetime(2000, 1, 1, tzinfo=UTC),
        date(2000, 2, 29),
        None,
        Decimal("1.00"),
    ),
    (9, 1, 1, 3.0, " Ünï ", "noon", datetime(2000, 1, 1, tzinfo=UTC), date(2000, 2, 29), None, Decimal("1.00")),
    (10, 1, 1, 3.0, "0.5.1", None, datetime(2000, 1, 1, tzinfo=UTC), date(2000, 2, 29), None, Decimal("1.00")),
]


def by_d() -> WindowSpec:
    """Rows that agree in `ok`, by d."""
    return Window.partitionBy("ok").orderBy("d", "k")


CASES: dict[str, Callable[[], Column]] = {
    "double as int": lambda: F.when(F.abs("d") < 1e6, F.col("d")).cast("int"),
    "text as int": lambda: F.col("s").cast("int"),
    "text as bigint": lambda: F.col("s").cast("bigint"),
    "text as double": lambda: F.col("s").cast("double"),
    "decimal as int": lambda: F.when(F.col("k") != 5, F.col("m")).cast("int"),
    "decimal as double": lambda: F.col("m").cast("double"),
    "int as text": lambda: F.col("i").cast("string"),
    "boolean as text": lambda: F.col("ok").cast("string"),
    "date as text": lambda: F.col("day").cast("string"),
    "boolean as int": lambda: F.col("ok").cast("int"),
    "boolean as bigint": lambda: F.col("ok").cast("long"),
    "int as boolean": lambda: F.col("i").cast("boolean"),
    "text as timestamp": lambda: F.col("t").cast("timestamp"),
    "date as timestamp": lambda: F.col("day").cast("timestamp"),
    "timestamp as date": lambda: F.col("at").cast("date"),
    "quotient of ints": lambda: F.col("i") / F.col("l"),
    "quotient of doubles": lambda: F.col("d") / F.lit(0.3),
    "quotient by zero": lambda: F.col("d") / F.lit(0),
    "quotient of a decimal and a double": lambda: F.col("m") / F.col("d"),
    "remainder": lambda: F.col("i") % F.lit(3),
    "remainder by zero": lambda: F.col("l") % F.col("i"),
    "decimal times one less decimal": lambda: F.when(F.col("k") != 5, F.col("m")) * (1 - F.col("m")),
    "double literals": lambda: F.lit(0.1) + F.lit(0.2),
    "int plus bigint": lambda: F.col("i") + F.col("l"),
    "negative": lambda: -F.col("i"),
    "comparison with nan": lambda: F.col("d") > 1.0,
    "null safe": lambda: F.col("i").eqNullSafe(F.col("k")),
    "in": lambda: F.col("i").isin(1, 2),
    "between": lambda: F.col("day").between("2000-01-01", "2013-01-01"),
    "a day of Python": lambda: F.col("day") < F.lit(date(2013, 12, 31)),
    "an instant of Python": lambda: F.col("at") < F.lit(datetime(2013, 11, 3, 5, 30, 0, 1, tzinfo=UTC)),
    "not": lambda: ~F.col("ok") & F.col("i").isNotNull() | F.col("i").isNull(),
    "starts": lambda: F.col("s").startswith("5"),
    "ends": lambda: F.col("t").endswith("Z"),
    "contains": lambda: F.col("s").contains("."),
    "like": lambda: F.col("t").like("2013-__-%"),
    "rlike": lambda: F.col("s").rlike("[5-8]+"),
    "rlike as a whole": lambda: F.col("t").rlike(r"\A(?:\d{4}-\d\d-\d\d|\w*[^\d.]+)\z"),
    "texts that are there": lambda: F.array_compact(F.array(F.when(F.col("i") > 0, "i"), F.when(F.col("ok"), "ok"))),
    "array": lambda: F.array("s", F.lit("x")),
    "abs": lambda: F.abs("i"),
    "ceil": lambda: F.when(F.abs("d") < 1e6, F.ceil("d")),
    "floor": lambda: F.when(F.abs("d") < 1e6, F.floor("d")),
    "coalesce": lambda: F.coalesce("i", F.lit(-1)),
    "concat": lambda: F.concat("s", F.lit("-"), "t"),
    "concat_ws": lambda: F.concat_ws("-", "s", "t"),
    "lower": lambda: F.lower("s"),
    "upper": lambda: F.upper("s"),
    "trim": lambda: F.trim("s"),
    "length": lambda: F.length("s"),
    "substring": lambda: F.substring("t", 1, 4),
    "substring from 0": lambda: F.substring("t", 0, 4),
    "greatest": lambda: F.greatest("i", F.lit(2)),
    "least": lambda: F.least("d", F.lit(2.0)),
    "isnan": lambda: F.isnan("d"),
    "isnull": lambda: F.isnull("d"),
    "when": lambda: F.when(F.col("i") > 1, "big").when(F.col("i") < 0, "negative"),
    "year": lambda: F.year("at"),
    "month": lambda: F.month("day"),
    "dayofmonth": lambda: F.dayofmonth("at"),
    "quarter": lambda: F.quarter("day"),
    "hour": lambda: F.hour("at"),
    "minute": lambda: F.minute("at"),
    "second": lambda: F.second("at"),
    "date_trunc": lambda: F.date_trunc("month", "at"),
    "date_trunc to hours": lambda: F.date_trunc("hour", "at"),
    "date_trunc of a date": lambda: F.date_trunc("year", "day"),
    "last_day": lambda: F.last_day("day"),
    "date_add": lambda: F.when(F.year("day") < 9999, F.date_add("day", 1)),
    "date_sub": lambda: F.date_sub("day", 31),
    "datediff": lambda: F.datediff("day", F.lit("2013-01-01").cast("date")),
    "unix_seconds": lambda: F.unix_seconds("at"),
    "timestamp_seconds": lambda: F.timestamp_seconds("l"),
    "local time": lambda: F.local_time("at", "America/New_York"),
    "row_number": lambda: F.row_number().over(by_d()),
    "rank": lambda: F.rank().over(Window.orderBy("i")),
    "dense_rank": lambda: F.dense_rank().over(Window.orderBy(F.desc("i"))),
    "lag": lambda: F.lag("i").over(by_d()),
    "lead": lambda: F.lead("i", 1).over(by_d()),
    "running sum": lambda: F.sum("i").over(by_d().rowsBetween(Window.unboundedPreceding, Window.currentRow)),
    "sum by peers": lambda: F.sum("l").over(Window.partitionBy("ok").orderBy("i")),
    "nulls last": lambda: F.row_number().over(Window.orderBy(F.asc_nulls_last("i"), "k")),
    "nulls last, method": lambda: F.row_number().over(Window.orderBy(F.col("i").asc_nulls_last(), "k")),
    "nulls first": lambda: F.row_number().over(Window.orderBy(F.desc_nulls_first("i"), "k")),
    "ascending": lambda: F.row_number().over(Window.orderBy(F.asc("i"), F.asc_nulls_first("d"), "k")),
    "descending": lambda: F.row_number().over(Window.orderBy(F.desc("d"), F.desc_nulls_last("i"), "k")),
}
AGGREGATES: dict[str, Callable[[], Column]] = {
    "avg": lambda: F.avg("i"),
    "mean": lambda: F.mean("d"),
    "count": lambda: F.count("*"),
    "count of a column": lambda: F.count("d"),
    "countDistinct": lambda: F.countDistinct("i"),
    "count_distinct": lambda: F.count_distinct("i", "ok"),
    "max": lambda: F.max("d"),
    "min": lambda: F.min("d"),
    "max of text": lambda: F.max("s"),
    "sum of int": lambda: F.sum("i"),
    "sum of bigint": lambda: F.sum("l"),
    "sum of decimal": lambda: F.sum("m"),
    "sum of double": lambda: F.sum("d"),
    "sum of a condition": lambda: F.sum(F.when(F.col("ok"), 1).otherwise(0)),
}


def results(frame: DataFrame) -> DataFrame:
    """All cases as columns, in one pass."""
    return frame.select("k", *(made().alias(name) for name, made in CASES.items())).orderBy("k")


def totals(frame: DataFrame) -> DataFrame:
    """All aggregates as columns."""
    return frame.groupBy("ok").agg(*(made().alias(name) for name, made in AGGREGATES.items())).orderBy("ok")


@pytest.fixture(scope="module")
def on_spark(local_spark: SparkSession) -> tuple[pa.Table, Results]:
    """The rows as Arrow has them, and what Spark makes of them."""
    frame = local_spark.createDataFrame(ROWS, SCHEMA).persist()
    found: Results = {}
    for computed in (results(frame), totals(frame)):
        types, rows = to_arrow_schema(computed.schema), computed.collect()
        found |= {name: (types.field(name).type, [row[name] for row in rows]) for name in computed.columns}
    types = to_arrow_schema(frame.schema)
    return pa.Table.from_pylist([dict(zip(types.names, row, strict=True)) for row in ROWS], schema=types), found


@pytest.fixture(scope="module")
def on_one_machine(on_spark: tuple[pa.Table, Results]) -> Iterator[Results]:
    """What one machine makes of the same rows."""
    found: Results = {}
    with single_session() as session:
        frame = cast(DataFrame, session.frame(on_spark[0]))
        for computed in (results(frame), totals(frame)):
            rows = cast(Any, computed).toArrow()
            found |= {name: (rows.schema.field(name).type, rows.column(name).to_pylist()) for name in rows.column_names}
        del frame, computed
    yield found


@pytest.mark.parametrize("case", [*CASES, *AGGREGATES])
def test_both_engines_give_the_same(on_spark: tuple[pa.Table, Results], on_one_machine: Results, case: str) -> None:
    wanted, found = on_spark[1][case], on_one_machine[case]
    assert [comparable(value) for value in found[1]] == [comparable(value) for value in wanted[1]]
    if not pa.types.is_decimal(wanted[0]):  # of decimals the scale is Spark's, the width may be DuckDB's
        assert found[0] == wanted[0]
    else:
        assert found[0].scale == wanted[0].scale


def test_every_function_that_is_offered_is_compared() -> None:
    seen = {name for made in [*CASES.values(), *AGGREGATES.values()] for name in _names(made.__code__)}
    assert sorted(PROVED - seen) == []


def _names(code: Any) -> set[str]:
    return {*code.co_names, *(name for each in code.co_consts if hasattr(each, "co_names") for name in _names(each))}


def comparable(value: object) -> object:
    """NaN equals NaN, an instant is one in UTC, and floats agree to 1e-9."""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else pytest.approx(value, rel=1e-9)
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
