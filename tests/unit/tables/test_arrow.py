"""Publishing without a JVM: audited, whole or not at all, partitions replaced, other shapes refused."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from unittest.mock import MagicMock

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from pyspark.sql import DataFrame
from sqlalchemy.pool import QueuePool

from dataops.config import Settings
from dataops.engine.single import single_session
from dataops.errors import UserError
from dataops.quality import InRange, Matches, NotNull, QualityError, RowCountDrift, Unique
from dataops.s3 import S3Client
from dataops.tables import (
    Column,
    Table,
    arrow,
    current_snapshot,
    history,
    load_table,
    publish,
    read,
    read_pandas,
    unshown,
)
from dataops.tables.branch import slug

COLUMNS = (Column("month", "int"), Column("v", "bigint"), Column("at", "timestamp"))
AT = datetime(2013, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def open_lake(lake: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lake in a folder that everybody may write."""
    monkeypatch.setattr(arrow, "check_may_write", lambda table, settings: None)
    monkeypatch.setattr(arrow, "table_location", lambda table, _: f"file://{tmp_path}/{table}")


def publish_arrow(rows: pa.Table, table: str | Table, by: Sequence[str] = (), run: str | None = None) -> int:
    """Publish Arrow's rows by one machine."""
    with single_session() as session:
        return publish(cast(DataFrame, session.frame(rows)), table, by, run=run)


def declared(*expectations: Any, by: tuple[str, ...] = ("month",)) -> Table:
    """The table with expectations."""
    return Table("silver.x", COLUMNS, "us", "Rows.", by, expectations=expectations)


def rows(month: int | None, *values: int | None) -> pa.Table:
    """Rows of one month."""
    return pa.table({"month": pa.array([month] * len(values), pa.int32()), "v": values, "at": [AT] * len(values)})


def found(table: str) -> list[tuple[int, int]]:
    """What readers see."""
    frame = read_pandas(table).fillna(0)
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


def test_a_namespace_that_another_process_makes_meanwhile_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    publish_arrow(rows(1, 1), "silver.x")
    monkeypatch.setattr(SqlCatalog, "namespace_exists", lambda *_: False)  # as it was a moment ago
    publish_arrow(rows(1, 1), "silver.y")
    assert found("silver.y") == [(1, 1)]


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
        publish_arrow(rows(1, 7).slice(1), "silver.x", ["month"])
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


def test_an_error_leaves_the_table_as_it_was_and_puts_rows_into_quarantine(s3: S3Client) -> None:
    table = declared(InRange("v", maximum=5), NotNull("v", severity="warning"))
    before = publish_arrow(rows(1, 1, 2), table)
    for _ in range(2):  # the second audit of a run replaces what the first has left
        with pytest.raises(QualityError, match="silver.x was not published and stays as it was: expected that v is in"):
            publish_arrow(rows(1, 3, 7, None), table, run="dag/1")
    assert (current_snapshot("silver.x"), found("silver.x")) == (before, [(1, 1), (1, 2)])
    bad = s3.read_parquet(f"silver/_quarantine/x/{slug('dag/1')}", ["v", "rejected_because"], frame="polars")
    assert bad.rows() == [(7, ["expected that v is in ..5"])]
    kept = json.loads(s3.read_bytes(f"silver/_quality/x/{slug('dag/1')}.json"))
    assert (kept["run"], kept["rows"], kept["score"]) == ("dag/1", 3, round(1 - 2 / 6, 6))


def test_the_snapshot_says_what_the_audit_found(s3: S3Client) -> None:
    publish_arrow(rows(1, 1, None), declared(NotNull("v", severity="warning"), InRange("v", 0)), run="dag/1")
    said = history("silver.x")[0].properties
    assert (said["dataops-run"], said["dataops-score"], said["dataops-warnings"]) == (
        "dag/1",
        "0.750000",
        "v has a value",
    )


def test_rows_are_unique_among_those_that_stay(s3: S3Client) -> None:
    table = declared(Unique("v"))
    publish_arrow(pa.concat_tables([rows(1, 1, 2), rows(None, 3), rows(2, 4)]), table)
    publish_arrow(rows(1, 2, 1, 5), table)  # what is replaced does not count
    for values in ((6, 4), (6, 3)):  # one of another month, one of no month
        with pytest.raises(QualityError, match="expected that v is unique, 1 rows repeat another one"):
            publish_arrow(rows(1, *values), table)
    publish_arrow(rows(None, 3, 7), table)
    assert found("silver.x") == [(0, 3), (0, 7), (1, 1), (1, 2), (1, 5), (2, 4)]


def test_what_is_usual_is_what_earlier_publications_brought(s3: S3Client) -> None:
    table = declared(RowCountDrift(2))
    for _ in range(4):  # the first of two snapshots of an overwrite brings nothing
        publish_arrow(pa.concat_tables([rows(1, 1, 2), rows(2, 3, 4)]), table)
    with pytest.raises(QualityError, match="5 rows for each partition came and 2 are usual"):
        publish_arrow(rows(1, 1, 2, 3, 4, 5), table)


def test_what_others_publish_after_the_audit_is_looked_at_anew(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    table, other = declared(Unique("v")), [rows(2, 7)]
    publish_arrow(rows(1, 1), table)
    audited = unshown.examine

    def overtaken(*words: Any) -> dict[str, str]:
        found = audited(*words)
        if other:
            load_table("silver.x").append(other.pop())
        return found

    monkeypatch.setattr(arrow, "examine", overtaken)
    with pytest.raises(QualityError, match="expected that v is unique"):
        publish_arrow(rows(1, 7), table)
    assert found("silver.x") == [(1, 1), (2, 7)]


def test_of_two_that_replace_the_same_the_later_one_stays(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_arrow(rows(1, 1), "silver.x", ["month"])
    other, audited = [rows(1, 7)], unshown.examine

    def overtaken(*words: Any) -> dict[str, str]:
        if other:
            load_table("silver.x").dynamic_partition_overwrite(other.pop())
        return audited(*words)

    monkeypatch.setattr(arrow, "examine", overtaken)
    publish_arrow(rows(1, 2), "silver.x", ["month"])
    assert found("silver.x") == [(1, 2)]


def test_a_table_that_never_rests_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    before = publish_arrow(rows(1, 1), "silver.x", ["month"])
    monkeypatch.setattr(arrow, "examine", MagicMock(side_effect=CommitFailedException("moved")))
    with pytest.raises(UserError, match="others keep changing table silver.x; run this again"):
        publish_arrow(rows(1, 2), "silver.x", ["month"])
    assert current_snapshot("silver.x") == before


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (declared(by=("day(at)",)), "only Spark replaces partitions by day"),
        (declared(Matches("month", "1.")), "the pattern 1. may mean something else to DuckDB"),
        (declared(NotNull("w")), "has no column 'w', of which NotNull expects something"),
    ],
)
def test_what_only_spark_publishes_is_refused(table: Table, why: str) -> None:
    with pytest.raises(UserError, match=why):
        publish_arrow(rows(1, 1), table)


def test_a_table_keeps_no_connection_to_the_catalog() -> None:
    publish_arrow(rows(1, 7), "silver.x")
    catalog = cast(SqlCatalog, load_table("silver.x").catalog)
    assert cast(QueuePool, catalog.engine.pool).checkedin() == 0
