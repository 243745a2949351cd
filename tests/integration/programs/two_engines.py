"""Two engines write one table in turn, four read each snapshot; then Spark compacts it, also to another layout."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession

from dataops import tables
from dataops.errors import UserError
from dataops.spark.session import create_spark_session
from dataops.tables import Column, Table
from dataops.tables.compact import compact, worth_compacting
from dataops.tables.difference import difference
from dataops.tables.verify import verify

NAME = "silver.two_engines"
TABLE = Table(
    name=NAME,
    columns=(
        Column("id", "bigint"),
        Column("place", "string"),
        Column("price", "decimal(10, 2)"),
        Column("ratio", "double"),
        Column("happened", "timestamp"),
        Column("day", "date"),
        Column("open", "boolean"),
    ),
    owner="tests",
    description="Rows of two engines.",
    partition_by=("place",),
    sort_by=("id",),
    keys=("id",),
)
Row = tuple[Any, ...]


def row(number: int, place: str) -> Row:
    """A row that differs from all others, with nothing in some of its columns."""
    odd = bool(number % 2)
    happened = datetime(2013, 3, 10, 7, number % 60, tzinfo=UTC)
    return number, place, Decimal(number) / 100, None if odd else number / 3, happened, date(2013, 3, 10), odd or None


def arrow(rows: list[Row]) -> pa.Table:
    """Rows as pyiceberg wants them."""
    schema = tables.load_table(NAME).schema().as_arrow()
    return pa.Table.from_pylist([dict(zip(schema.names, each, strict=True)) for each in rows], schema=schema)


def plain(rows: Iterable[Row]) -> list[Row]:
    """Rows in one order, instants as UTC and nothing as None, whoever read them."""
    return sorted(tuple(_plain(value) for value in each) for each in rows)


def _plain(value: Any) -> Any:
    if value is None or value != value:
        return None
    if isinstance(value, datetime):
        value = value if value.tzinfo else value.replace(tzinfo=UTC)
        return value.astimezone(UTC).replace(tzinfo=None) if value.hour else value.date()
    return value


def read(spark: SparkSession, snapshot: int) -> dict[str, list[Row]]:
    """The rows of a snapshot by each reader."""
    pandas = tables.read_pandas(NAME, snapshot_id=snapshot)
    return {
        "Spark": plain(tuple(each) for each in tables.read(spark, NAME, snapshot).collect()),
        "pandas": plain(pandas.itertuples(index=False, name=None)),
        "Polars": plain(tables.read_polars(NAME, snapshot_id=snapshot).rows()),
        "DuckDB": plain(tables.read_duckdb(NAME, snapshot_id=snapshot).fetchall()),
    }


def main() -> None:
    """Write, read and compare."""
    spark = create_spark_session("two engines")

    def frame(rows: list[Row]) -> Any:
        types = ", ".join(f"{column.name} {column.type}" for column in TABLE.columns)
        return spark.createDataFrame(rows, types)

    assert tables.apply(TABLE)
    expected: dict[int, list[Row]] = {}
    rows: list[Row] = []

    def after(write: Callable[[], Any], then: list[Row]) -> None:
        write()
        rows[:] = then
        expected[tables.current_snapshot(NAME)] = plain(then)

    first, second, third = ([row(number, place) for number in range(5)] for place in ("here", "there", "nowhere"))
    more = [row(number, "there") for number in range(100, 103)]
    after(lambda: frame(first).writeTo(f"lake.{NAME}").append(), first)
    after(lambda: tables.load_table(NAME).append(arrow(second)), [*rows, *second])
    after(lambda: frame(third).writeTo(f"lake.{NAME}").append(), [*rows, *third])
    after(lambda: tables.load_table(NAME).overwrite(arrow(more), "place = 'there'"), [*first, *third, *more])
    after(lambda: tables.publish(frame(second), NAME, ["place"]), [*first, *third, *second])
    after(lambda: tables.load_table(NAME).delete("id >= 3"), [each for each in rows if each[0] < 3])
    after(lambda: tables.load_table(NAME).dynamic_partition_overwrite(arrow(more)), [*first[:3], *third[:3], *more])
    for snapshot, wanted in expected.items():
        for reader, found in read(spark, snapshot).items():
            assert found == wanted, f"{reader} at {snapshot}: {found} instead of {wanted}"

    for number in range(200, 206):
        after(lambda: tables.load_table(NAME).append(arrow([row(number, "here")])), [*rows, row(number, "here")])
    before = tables.current_snapshot(NAME)
    assert worth_compacting(NAME)
    print("compacted", compact(spark, NAME))
    assert not worth_compacting(NAME)
    assert difference(NAME, before, keys=["id"]).added == 0 == difference(NAME, before).removed
    assert tables.apply(replace(TABLE, partition_by=("day(happened)",)))
    try:
        tables.publish(frame(rows), NAME, ["day(happened)"])
    except UserError as refusal:
        assert "bring them along first: dataops tables compact" in str(refusal), refusal
    else:
        raise AssertionError("a load was let in that leaves older files beside its own")
    assert worth_compacting(NAME)
    print("laid out anew", compact(spark, NAME))
    assert not worth_compacting(NAME)
    assert all(found == plain(rows) for found in read(spark, tables.current_snapshot(NAME)).values())
    assert verify(NAME) == []
    tables.publish(frame(rows), NAME, ["day(happened)"])
    assert len(tables.read_pandas(NAME)) == len(rows)
    tables.rollback(NAME, before)
    assert all(found == plain(rows) for found in read(spark, tables.current_snapshot(NAME)).values())
    spark.stop()
    print(f"{len(expected)} snapshots agree")


main()
