"""What happened to a table, and the way back: history, tags, rollback, the difference of two snapshots, readers."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa
import pytest

from dataops import lineage, tables
from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables.declare import Column, Table
from dataops.tables.difference import Difference, difference
from dataops.tables.snapshots import RUN

NAME = "silver.prices"
PRICES = Table(
    name=NAME,
    columns=(Column("id", "bigint"), Column("price", "double")),
    owner="somebody",
    description="Prices.",
)
Rows = Sequence[tuple[int, float | None]]


def write(rows: Rows, run: str = "", *, replace: bool = False) -> int:
    """Write rows as a run does, and return the snapshot."""
    loaded = tables.load_table(NAME)
    frame = pa.table({"id": [each[0] for each in rows], "price": pa.array([each[1] for each in rows], pa.float64())})
    (loaded.overwrite if replace else loaded.append)(frame, snapshot_properties={RUN: run} if run else {})
    return tables.current_snapshot(NAME)


def prices() -> dict[int, float]:
    """What readers see."""
    return dict(tables.read_pandas(NAME).sort_values("id").itertuples(index=False))


@pytest.fixture
def loads(lake: Settings) -> list[int]:
    """The snapshots of three loads: two good ones, and a bad one which replaced everything."""
    tables.apply(PRICES)
    good = [write([(1, 1.0), (2, 2.0)], "monday"), write([(3, 3.0)], "tuesday")]
    write([(1, -1.0), (3, 3.0)], "wednesday", replace=True)
    return [*good, tables.current_snapshot(NAME)]


def test_history_tells_who_wrote_what_the_newest_first(loads: list[int]) -> None:
    newest, *_, oldest = tables.history(NAME)
    assert (newest.snapshot_id, newest.state, newest.rows) == (loads[2], "current", 2)
    assert (oldest.snapshot_id, oldest.added, oldest.removed, oldest.operation) == (loads[0], 2, 0, "append")
    assert newest.properties == {RUN: "wednesday"}


def test_a_bad_load_is_undone_by_its_run(loads: list[int]) -> None:
    assert tables.rollback(NAME, before_run="wednesday") == loads[1]
    assert prices() == {1: 1.0, 2: 2.0, 3: 3.0}
    assert {each.snapshot_id: each.state for each in tables.history(NAME)}[loads[2]] == "rolled back"


def test_rows_on_a_branch_were_never_published(loads: list[int]) -> None:
    loaded = tables.load_table(NAME)
    loaded.manage_snapshots().create_branch(loads[2], "audit").commit()
    loaded.append(pa.table({"id": [9], "price": [9.0]}), branch="audit")
    newest, *_ = tables.history(NAME)
    assert (newest.state, newest.tags) == ("never published", ("audit",))
    assert tables.current_snapshot(NAME) == loads[2]


def test_a_rollback_is_undone_by_another(loads: list[int]) -> None:
    tables.rollback(NAME, loads[0])
    assert prices() == {1: 1.0, 2: 2.0}
    tables.rollback(NAME, str(loads[2]))
    assert prices() == {1: -1.0, 3: 3.0}


def test_going_to_where_one_is_writes_nothing(loads: list[int]) -> None:
    before = tables.load_table(NAME).metadata_location
    tables.rollback(NAME, loads[2])
    assert tables.load_table(NAME).metadata_location == before


def test_a_tag_names_a_snapshot_for_every_reader(loads: list[int]) -> None:
    assert tables.tag(NAME, "model-1", loads[0]) == loads[0]
    assert tables.tag(NAME, "model-1", loads[0]) == loads[0]  # again changes nothing
    assert len(tables.read_pandas(NAME, snapshot_id="model-1")) == 2
    assert tables.history(NAME)[-1].tags == ("model-1",)
    assert f"{NAME}@{loads[0]}" in lineage.versions()


def test_every_reader_reads_the_same_rows_of_every_snapshot(loads: list[int]) -> None:
    for snapshot in loads:
        frame = tables.read_pandas(NAME, snapshot_id=snapshot)
        others = [
            tables.read_polars(NAME, snapshot_id=snapshot).to_pandas(),
            tables.read_duckdb(NAME, snapshot_id=snapshot).df(),
        ]
        for other in others:
            pd.testing.assert_frame_equal(frame, other)


def test_the_difference_is_counted_by_row_and_by_key(loads: list[int]) -> None:
    assert difference(NAME, loads[1], keys=["id"]) == Difference(added=1, removed=2, changed=1)
    assert difference(NAME, loads[0], loads[1]) == Difference(added=1, removed=0, changed=None)
    assert difference(NAME, loads[2], loads[2], keys=["id"]) == Difference(0, 0, 0)


def test_a_column_that_came_later_counts_as_empty_before(loads: list[int]) -> None:
    tables.apply(Table(NAME, (*PRICES.columns, Column("note", "string")), PRICES.owner, PRICES.description))
    assert difference(NAME, loads[2], keys=["id"]) == Difference(0, 0, 0)
    assert "note" not in tables.read_pandas(NAME, snapshot_id=loads[0])


def test_what_is_not_there_is_named(loads: list[int]) -> None:
    for call in (
        lambda: tables.rollback(NAME, 7),
        lambda: tables.read_pandas(NAME, snapshot_id=7),
        lambda: tables.tag(NAME, "x", 7),
        lambda: difference(NAME, 7),
    ):
        with pytest.raises(UserError, match="table silver.prices has no snapshot and no tag 7; see them with: dataops"):
            call()
    with pytest.raises(UserError, match="no run friday wrote to table silver.prices"):
        tables.rollback(NAME, before_run="friday")
    with pytest.raises(UserError, match="from before run monday is gone or never was"):
        tables.rollback(NAME, before_run="monday")
    with pytest.raises(UserError, match="either to a snapshot or before a run"):
        tables.rollback(NAME)
    with pytest.raises(UserError, match="table silver.prices has no column prize; its columns are id, price"):
        tables.read_polars(NAME, ["prize"])
    with pytest.raises(UserError, match="there is no table silver.nothing in the lake; list them with"):
        tables.history("silver.nothing")


def test_a_tag_moves_for_nobody(loads: list[int]) -> None:
    tables.tag(NAME, "model-1", loads[0])
    with pytest.raises(UserError, match=f"has the tag model-1 on snapshot {loads[0]}; choose another name"):
        tables.tag(NAME, "model-1", loads[1])
    with pytest.raises(UserError, match="'main' is no tag"):
        tables.tag(NAME, "main")


def test_an_empty_table_is_read_as_one(lake: Settings) -> None:
    tables.apply(PRICES)
    assert list(tables.read_pandas(NAME).columns) == ["id", "price"]
    assert tables.read_polars(NAME).height == 0
    assert tables.history(NAME) == []
    with pytest.raises(UserError, match="table silver.prices has no snapshot yet; publish rows to it first"):
        tables.tag(NAME, "x")


def test_who_may_not_write_changes_nothing(loads: list[int], nobody_writes: None) -> None:
    with pytest.raises(UserError, match="you may not write silver.prices"):
        tables.rollback(NAME, loads[0])
    with pytest.raises(UserError, match="you may not write silver.prices"):
        tables.tag(NAME, "x")
    assert tables.current_snapshot(NAME) == loads[2]
