"""verify: every file of a snapshot is there, whole, with its rows; what is not is named."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataops import tables
from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables.declare import Column, Table
from dataops.tables.verify import verify

NAME = "silver.events"


@pytest.fixture
def file(lake: Settings) -> Path:
    """The one data file of a table of two rows."""
    tables.apply(Table(NAME, (Column("id", "bigint"),), "somebody", "Events."))
    tables.load_table(NAME).append(pa.table({"id": [1, 2]}))
    (task,) = tables.load_table(NAME).scan().plan_files()
    return Path(task.file.file_path.removeprefix("file://"))


def test_a_whole_table_is_fine(file: Path) -> None:
    assert verify(NAME) == []


def test_a_table_without_rows_is_fine(lake: Settings) -> None:
    tables.apply(Table(NAME, (Column("id", "bigint"),), "somebody", "Events."))
    assert verify(NAME) == []


def shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def garble(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def rewrite(file: Path) -> None:
    """Other rows in as many bytes."""
    size = file.stat().st_size
    pq.write_table(pa.table({"id": [1]}), file, store_schema=False)
    body = file.read_bytes()
    file.write_bytes(body[:4] + bytes(size - len(body)) + body[4:])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (Path.unlink, "is gone"),
        (shorten, r"has \d+ bytes instead of \d+"),
        (garble, "cannot be read"),
        (rewrite, "has 1 rows instead of 2"),
    ],
    ids=["gone", "shorter", "garbled", "other rows"],
)
def test_damage_is_named(file: Path, damage: Callable[[Path], None], words: str) -> None:
    damage(file)
    (wrong,) = verify(NAME)
    with pytest.raises(UserError, match=rf"{file.name} {words}"):
        raise UserError(wrong)


def test_a_lost_list_of_files_is_named(file: Path) -> None:
    loaded = tables.load_table(NAME)
    snapshot = loaded.current_snapshot()
    assert snapshot is not None
    Path(snapshot.manifest_list.removeprefix("file://")).unlink()
    (wrong,) = verify(NAME)
    assert wrong.startswith(f"the list of files of snapshot {snapshot.snapshot_id} cannot be read")
