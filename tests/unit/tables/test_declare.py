"""A declared table: what it refuses, in one sentence that names the thing."""

from dataclasses import replace
from typing import Any

import pytest

from dataops.errors import UserError
from dataops.tables.declare import TYPES, Column, Partition, Table

EVENTS = Table(
    name="silver.events",
    columns=(
        Column("id", "bigint", required=True),
        Column("happened", "timestamp"),
        Column("price", "decimal(10, 2)"),
        Column("place", "string"),
    ),
    owner="somebody",
    description="What happened.",
    partition_by=("place", "day(happened)", "bucket(16, id)"),
    sort_by=("happened desc", "id"),
    keys=("id",),
)


def test_a_table_tells_its_parts() -> None:
    assert EVENTS.partitions == (
        Partition("place"),
        Partition("happened", "day"),
        Partition("id", "bucket", 16),
    )
    assert EVENTS.order == (("happened", True), ("id", False))
    assert EVENTS.columns[2].decimal == (10, 2)


@pytest.mark.parametrize("name", TYPES)
def test_every_type_is_taken(name: str) -> None:
    assert Column("x", name).type == name


@pytest.mark.parametrize(
    ("name", "type_", "sentence"),
    [
        ("Id", "int", "'Id' is no name of a column"),
        ("id", "integer", "column id: 'integer' is no type; use boolean, int"),
        ("id", "decimal(39, 2)", "column id: 'decimal.39, 2.' is no type"),
        ("id", "decimal(2, 3)", "column id: 'decimal.2, 3.' is no type"),
    ],
)
def test_a_column_says_what_is_wrong(name: str, type_: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        Column(name, type_)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "events"}, "'events' is no name of a table"),
        ({"columns": ()}, "table silver.events has no column; name at least one"),
        ({"owner": " "}, "table silver.events has no owner"),
        ({"description": ""}, "table silver.events has no description"),
        ({"columns": (Column("id", "int"),) * 2}, "names id twice in columns"),
        ({"keys": ("id", "id")}, "names id twice in keys"),
        ({"keys": ("nr",)}, "has no column 'nr', which keys names; its columns are id, happened, price, place"),
        ({"sort_by": ("nr",)}, "has no column 'nr', which sort_by names"),
        ({"sort_by": ("id", "id desc")}, "names id twice in sort_by"),
        ({"sort_by": ("id down",)}, "cannot be sorted by 'id down'; write a column, or a column and desc"),
        ({"partition_by": ("nr",)}, "has no column 'nr', which partition_by names"),
        ({"partition_by": ("week(happened)",)}, "cannot be partitioned by 'week.happened.'; write x, day.x."),
        (
            {"partition_by": ("day(id)",)},
            "cannot be partitioned by 'day.id.': id is bigint, and day takes date or time",
        ),
        ({"partition_by": ("bucket(id)",)}, "only a bucket has a number, such as bucket.16, x."),
        ({"partition_by": ("day(16, happened)",)}, "only a bucket has a number"),
        ({"partition_by": ("day(happened)", "hour(happened)")}, "names happened twice in partition_by"),
    ],
)
def test_a_table_says_what_is_wrong(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        replace(EVENTS, **changes)
