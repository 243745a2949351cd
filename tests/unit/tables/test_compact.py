"""compact: what it does where the catalog lost the answer to its commit; Iceberg's table is faked."""

from typing import Any
from unittest.mock import MagicMock

import pytest

from dataops.errors import UserError
from dataops.tables import compact as module
from dataops.tables.compact import compact


class Snapshot:
    """One snapshot of the fake."""

    def __init__(self, number: int) -> None:
        self._number = number

    def snapshotId(self) -> int:
        return self._number


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """A table with three snapshots, of which the newest two have lost their manifests."""
    made = MagicMock()
    monkeypatch.setattr(module, "check_may_write", lambda table, settings: None)
    monkeypatch.setattr(module, "load_table", lambda table: MagicMock())
    monkeypatch.setattr(module, "load", lambda spark, table: made)
    monkeypatch.setattr(module, "history", lambda table, head: iter([Snapshot(3), Snapshot(2), Snapshot(1)]))
    monkeypatch.setattr(module, "is_whole", lambda table, snapshot: snapshot.snapshotId() == 1)
    return made


def spark(result: Any) -> MagicMock:
    """A session whose call of the procedure ends so."""
    made = MagicMock()
    made.sql.return_value.collect.side_effect = result
    return made


def test_a_table_goes_back_to_the_newest_snapshot_that_can_be_read(table: MagicMock) -> None:
    done = [{"rewritten_data_files_count": 5, "added_data_files_count": 1}]
    with pytest.raises(UserError, match="^the catalog broke off while table silver.x was compacted; its rows are safe"):
        compact(spark([done]), "silver.x")
    table.manageSnapshots().rollbackTo.assert_called_once_with(1)
    table.manageSnapshots().rollbackTo().commit.assert_called_once_with()


def test_it_goes_back_also_where_the_compaction_says_that_it_failed(table: MagicMock) -> None:
    with pytest.raises(RuntimeError, match="the procedure's own"):
        compact(spark(RuntimeError("the procedure's own")), "silver.x")
    table.manageSnapshots().rollbackTo.assert_called_once_with(1)


def test_a_table_that_can_be_read_stays(table: MagicMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_whole", lambda table, snapshot: True)
    done = [{"rewritten_data_files_count": 5, "added_data_files_count": 1}]
    assert compact(spark([done]), "silver.x") == (5, 1)
    table.manageSnapshots().rollbackTo.assert_not_called()
