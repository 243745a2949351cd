"""Publishing without a JVM: whole or not at all, partitions replaced, other shapes refused."""

from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import MagicMock

import pyarrow as pa
import pytest

from dataops.config import Settings
from dataops.engine.single import single_session
from dataops.errors import UserError
from dataops.tables import arrow, current_snapshot, load_table, publish, read, read_pandas
from dataops.tables.arrow import publish_arrow

AT = datetime(2013, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def open_lake(lake: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lake in a folder that everybody may write."""
    monkeypatch.setattr(arrow, "check_may_write", lambda table, settings: None)
    monkeypatch.setattr(arrow, "table_location", lambda table, _: f"file://{tmp_path}/{table}")


def rows(month: int, *values: int) -> pa.Table:
    """Rows of one month."""
    return pa.table({"month": pa.array([month] * len(values), pa.int32()), "v": values, "at": [AT] * len(values)})


def found(table: str) -> list[tuple[int, int]]:
    """What readers see."""
    frame = read_pandas(table)
    return sorted(zip(frame["month"].tolist(), frame["v"].tolist(), strict=True))


def test_only_partitions_that_come_are_replaced() -> None:
    publish_arrow(pa.concat_tables([rows(1, 1, 2), rows(2, 3)]), "silver.x", ["month"])
    snapshot = publish_arrow(rows(2, 4, 5), "silver.x", ["month"])
    assert found("silver.x") == [(1, 1), (1, 2), (2, 4), (2, 5)]
    assert current_snapshot("silver.x") == snapshot


def test_the_same_again_changes_no_row() -> None:
    for _ in range(2):
        publish_arrow(rows(1, 1, 2), "silver.x", ["month"])
        publish_arrow(rows(1, 1, 2), "silver.whole")
    assert found("silver.x") == found("silver.whole") == [(1, 1), (1, 2)]


def test_a_table_without_partitions_is_replaced_whole() -> None:
    publish_arrow(rows(1, 1), "gold.x")
    publish_arrow(rows(2, 2), "gold.x")
    assert found("gold.x") == [(2, 2)]


def test_readers_never_see_a_half(monkeypatch: pytest.MonkeyPatch) -> None:
    publish_arrow(rows(1, 1), "gold.x")
    table = load_table("gold.x")
    versions = len(table.metadata.metadata_log)
    publish_arrow(rows(2, 2), "gold.x")
    table.refresh()
    assert len(table.metadata.metadata_log) == versions + 1  # old rows went and new ones came in one commit


@pytest.mark.parametrize(
    ("table", "by", "named"),
    [
        (rows(1, 1).append_column("more", [[1]]), ["month"], "more: more"),
        (rows(1, 1).drop_columns(["v"]), ["month"], "less: v"),
        (rows(1, 1), [], "is partitioned by month, not by nothing"),
        (rows(1, 1).set_column(1, "v", [["one"]]), ["month"], "do not fit the types of table silver.x"),
    ],
)
def test_another_shape_is_refused_and_writes_nothing(table: pa.Table, by: list[str], named: str) -> None:
    before = publish_arrow(rows(1, 7), "silver.x", ["month"])
    with pytest.raises(UserError, match=named):
        publish_arrow(table, "silver.x", by)
    assert current_snapshot("silver.x") == before


def test_no_rows_are_no_publication() -> None:
    before = publish_arrow(rows(1, 7), "silver.x", ["month"])
    with pytest.raises(UserError, match="there is no row to publish to table silver.x"):
        publish_arrow(rows(1), "silver.x", ["month"])
    assert current_snapshot("silver.x") == before


def test_who_may_not_write_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "check_may_write", MagicMock(side_effect=UserError("not yours")))
    with pytest.raises(UserError, match="not yours"):
        publish_arrow(rows(1, 1), "silver.x", ["month"])
    with pytest.raises(UserError, match="there is no table silver.x"):
        load_table("silver.x")


def test_frames_of_one_machine_go_this_way() -> None:
    publish_arrow(rows(1, 1, 2), "silver.x", ["month"])
    with single_session() as session:
        frame = read(session, "silver.x")  # type: ignore[arg-type]  # its API is PySpark's
        publish(frame.where(frame["v"] > 1), "silver.y", ["month"])
        del frame
    assert found("silver.y") == [(1, 2)]
