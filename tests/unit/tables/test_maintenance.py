"""What maintenance deletes: what nobody can read any more, and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from dataops import tables
from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client
from dataops.tables import maintenance
from dataops.tables.declare import Column, Table
from dataops.tables.maintenance import abort_uploads, expire, orphans, reachable

NAME = "silver.events"
FOLDER = "silver/events"


@pytest.fixture
def days_pass(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let maintenance believe that days have passed."""

    def pass_(days: int) -> None:
        class Later(datetime):
            """The clock of some days later."""

            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # only ever asked for UTC
                return datetime.now(UTC) + timedelta(days=days)

        monkeypatch.setattr(maintenance, "datetime", Later)

    return pass_


@pytest.fixture
def snapshots(lake_on_s3: Settings) -> list[int]:
    """The snapshots of a table that was replaced three times."""
    tables.apply(Table(NAME, (Column("id", "bigint"),), "somebody", "Events."))
    made = []
    for number in range(4):
        tables.load_table(NAME).overwrite(pa.table({"id": [number]}))
        made.append(tables.current_snapshot(NAME))
    return made


def files() -> set[str]:
    """The files below the table's folder."""
    return {f"s3a://data-lake/{each.key}" for each in S3Client().list_objects(FOLDER)}


def test_old_snapshots_go_with_their_files_and_named_ones_stay(
    snapshots: list[int], days_pass: Callable[[int], None]
) -> None:
    tables.tag(NAME, "model-1", snapshots[1])
    before = files()
    days_pass(8)
    gone = expire(NAME, days=7, keep=1)
    assert snapshots[0] in gone and snapshots[2] in gone
    kept = {each.snapshot_id for each in tables.history(NAME)}
    assert kept == {snapshots[1], snapshots[3]}
    assert len(files()) < len(before)
    assert reachable(tables.load_table(NAME)) <= files()
    assert [tables.read_pandas(NAME, snapshot_id=each)["id"].tolist() for each in snapshots[1::2]] == [[1], [3]]


def test_nothing_young_and_none_of_the_newest_expires(snapshots: list[int], days_pass: Callable[[int], None]) -> None:
    assert expire(NAME, days=7, keep=1) == []
    days_pass(8)
    assert expire(NAME, days=7, keep=20) == []
    assert len(tables.read_pandas(NAME, snapshot_id=snapshots[0])) == 1


def test_what_a_killed_write_left_goes_after_its_grace(snapshots: list[int], days_pass: Callable[[int], None]) -> None:
    left = {f"{FOLDER}/data/left.parquet", f"{FOLDER}/metadata/left.avro"}
    beside = f"{FOLDER}/_quality/report.json"
    for key in (*left, beside):
        S3Client().write_bytes(key, b"x")
    before = files()
    assert orphans(NAME, delete=True) == []
    days_pass(maintenance.GRACE_DAYS + 1)
    assert {each.key for each in orphans(NAME)} == left
    assert files() == before
    orphans(NAME, delete=True)
    assert before - files() == {f"s3a://data-lake/{key}" for key in left}
    for snapshot in snapshots:
        assert len(tables.read_pandas(NAME, snapshot_id=snapshot)) == 1


def test_uploads_that_nobody_finished_are_ended(lake_on_s3: Settings, days_pass: Callable[[int], None]) -> None:
    boto, bucket = S3Client().boto, lake_on_s3.s3_bucket
    boto.create_multipart_upload(Bucket=bucket, Key="silver/part")
    days_pass(-10_000)  # this store says of every upload that it began in 2010
    assert abort_uploads() == 0
    days_pass(0)
    assert abort_uploads() == 1
    assert not boto.list_multipart_uploads(Bucket=bucket).get("Uploads")


def manifest_list(snapshot: int) -> str:
    """The file that holds the list of files of a snapshot."""
    found = tables.load_table(NAME).snapshot_by_id(snapshot)
    assert found is not None
    return found.manifest_list


def test_a_snapshot_that_nobody_can_read_holds_nothing_up(
    snapshots: list[int], days_pass: Callable[[int], None]
) -> None:
    tables.rollback(NAME, snapshots[1])
    S3Client().delete(manifest_list(snapshots[2]))
    days_pass(8)
    assert len(orphans(NAME, delete=True)) > 0  # only it had them
    assert snapshots[2] in expire(NAME, days=7, keep=1)
    assert tables.read_pandas(NAME)["id"].tolist() == [1]
    assert reachable(tables.load_table(NAME)) == files()


@pytest.mark.parametrize("lost", [1, 3], ids=["an earlier one", "the current one"])
def test_nothing_is_deleted_while_a_snapshot_in_use_cannot_be_read(
    snapshots: list[int], days_pass: Callable[[int], None], lost: int
) -> None:
    S3Client().delete(manifest_list(snapshots[lost]))
    days_pass(8)
    before = files()
    for call in (lambda: expire(NAME, days=7, keep=1), lambda: orphans(NAME, delete=True)):
        with pytest.raises(UserError, match=f"snapshot {snapshots[lost]} of table {NAME} cannot be read .*rollback"):
            call()
    assert files() == before


def test_numbers_that_leave_nothing_are_refused(snapshots: list[int]) -> None:
    for numbers in ({"days": 0}, {"keep": 0}):
        with pytest.raises(UserError, match="keeps at least one day and one snapshot"):
            expire(NAME, **numbers)


def test_who_may_not_write_deletes_nothing(
    snapshots: list[int], nobody_writes: None, days_pass: Callable[[int], None]
) -> None:
    days_pass(8)
    before = files()
    for call in (lambda: expire(NAME), lambda: orphans(NAME, delete=True)):
        with pytest.raises(UserError, match="you may not write silver.events"):
            call()
    assert files() == before
