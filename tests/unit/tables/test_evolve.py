"""apply: the lake becomes as declared, and what would lose values is refused with the way to do it on purpose."""

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from dataops import tables
from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables.declare import Column, Table
from dataops.tables.evolve import apply, changes

EVENTS = Table(
    name="silver.events",
    columns=(
        Column("id", "int", required=True, description="Its number."),
        Column("price", "decimal(8, 2)"),
        Column("ratio", "float"),
        Column("happened", "timestamp"),
        Column("place", "string"),
    ),
    owner="somebody",
    description="What happened.",
    partition_by=("place",),
    sort_by=("happened desc",),
)


def columns(*changed: Column, without: str = "") -> tuple[Column, ...]:
    """The columns of the events, some of them changed, added or left out."""
    new = {column.name: column for column in (*EVENTS.columns, *changed)}
    return tuple(column for column in new.values() if column.name != without)


@pytest.fixture
def events(lake: Settings) -> Settings:
    """A lake that holds the events as declared."""
    apply(EVENTS)
    return lake


def test_a_table_is_made_as_declared(events: Settings) -> None:
    made = tables.load_table("silver.events")
    assert made.location().endswith("/silver/events")
    assert [(field.name, str(field.field_type), field.required, field.doc) for field in made.schema().fields] == [
        ("id", "int", True, "Its number."),
        ("price", "decimal(8, 2)", False, None),
        ("ratio", "float", False, None),
        ("happened", "timestamptz", False, None),
        ("place", "string", False, None),
    ]
    assert [field.name for field in made.spec().fields] == ["place"]
    assert str(made.sort_order().fields[0]) == "4 DESC NULLS LAST"
    assert (made.properties["owner"], made.properties["comment"]) == ("somebody", "What happened.")
    assert tables.table_names() == ["silver.events"]


def test_every_partition_is_made_and_read_back(lake: Settings) -> None:
    parts = ("place", "day(happened)", "bucket(4, id)")
    apply(replace(EVENTS, partition_by=parts))
    spec = tables.load_table("silver.events").spec()
    assert [(field.name, str(field.transform)) for field in spec.fields] == [
        ("place", "identity"),
        ("happened_day", "day"),
        ("id_bucket", "bucket[4]"),
    ]
    assert changes(replace(EVENTS, partition_by=parts)) == []


def test_what_is_as_declared_is_left_alone(events: Settings) -> None:
    before = tables.load_table("silver.events").metadata_location
    assert changes(EVENTS) == [] == apply(EVENTS)
    assert tables.load_table("silver.events").metadata_location == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"columns": columns(Column("note", "string"))}, "column note .string. is added; older rows have none of it"),
        ({"columns": columns(Column("id", "bigint", True, "Its number."))}, "id is widened from int to bigint"),
        ({"columns": columns(Column("ratio", "double"))}, "column ratio is widened from float to double"),
        ({"columns": columns(Column("price", "decimal(12, 2)"))}, "from decimal.8, 2. to decimal.12, 2."),
        ({"columns": columns(Column("id", "int", description="Its number."))}, "column id may be empty from now on"),
        ({"columns": columns(Column("id", "int", True, "A number."))}, "column id is described: A number."),
        ({"columns": columns(Column("id", "int", True))}, "column id is described: nothing"),
        ({"owner": "else"}, "property owner becomes 'else' instead of 'somebody'"),
        ({"description": "Other."}, "property comment becomes 'Other.' instead of 'What happened.'"),
        ({"sort_by": ("id", "happened")}, "new files are sorted by id, happened instead of happened desc"),
        ({"partition_by": ()}, "new files are partitioned by nothing instead of place"),
        ({"partition_by": ("day(happened)", "bucket(4, id)")}, "by day.happened., bucket.4, id. instead of place"),
    ],
)
def test_what_loses_nothing_is_done_and_said(events: Settings, change: dict[str, Any], words: str) -> None:
    rows = pa.Table.from_pylist([{"id": 1, "place": "here"}], schema=tables.load_table(EVENTS.name).schema().as_arrow())
    tables.load_table(EVENTS.name).append(rows)
    wanted = replace(EVENTS, **change)
    (planned,) = changes(wanted)
    assert not planned.refused
    with pytest.raises(UserError, match=words):
        raise UserError(planned.words)
    assert apply(wanted) == [planned]
    assert changes(wanted) == []
    assert tables.read_pandas(EVENTS.name, ["id", "place"]).to_dict("records") == [{"id": 1, "place": "here"}]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"columns": columns(without="price")}, "column price is not declared; declare it, or drop it"),
        ({"columns": columns(Column("id", "string", True, "Its number."))}, "column id is int and declared string"),
        ({"columns": columns(Column("price", "decimal(6, 2)"))}, "is decimal.8, 2. and declared decimal.6, 2."),
        ({"columns": columns(Column("price", "decimal(10, 3)"))}, "which would lose values or read them differently"),
        ({"columns": columns(Column("happened", "timestamp_ntz"))}, "happened is timestamp and declared timestamp_ntz"),
        ({"columns": columns(Column("ratio", "float", required=True))}, "ratio is declared required, but rows may"),
        ({"sort_by": ()}, "files are sorted by happened desc; declare an order, or end it with: spark.sql"),
        ({"columns": columns(Column("new", "int", required=True))}, "column new is new and required, but the rows"),
    ],
)
def test_what_would_lose_values_is_refused_and_nothing_changes(
    events: Settings, change: dict[str, Any], sentence: str
) -> None:
    before = tables.load_table("silver.events").metadata_location
    wanted = replace(EVENTS, owner="else", **change)
    assert [planned.refused for planned in changes(wanted)].count(True) == 1
    with pytest.raises(UserError, match=f"table silver.events: .*{sentence}"):
        apply(wanted)
    assert tables.load_table("silver.events").metadata_location == before


@pytest.mark.parametrize(
    "change",
    [{"columns": columns(without="price")}, {"columns": columns(Column("ratio", "float", required=True))}],
    ids=["drop", "require"],
)
def test_the_way_that_a_refusal_names_is_one(events: Settings, change: dict[str, Any]) -> None:
    (refused,) = changes(replace(EVENTS, **change))
    exec(f"import dataops.tables; {refused.words.partition(': ')[2]}")  # noqa: S102  # our own words
    assert changes(replace(EVENTS, **change)) == []


def test_who_may_not_write_makes_nothing(lake: Settings, nobody_writes: None) -> None:
    with pytest.raises(UserError, match="you may not write silver.events"):
        apply(EVENTS)
    assert tables.table_names() == []
