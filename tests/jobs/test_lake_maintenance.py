"""Maintenance looks after every table, starts Spark only where it must, and names what failed at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import MagicMock

import pytest

from dataops import tables
from dataops.errors import UserError
from jobs import lake_maintenance


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> dict[str, MagicMock]:
    """What the job calls, for a lake of two tables that need nothing."""
    made = {
        "worth_compacting": MagicMock(return_value=False),
        "compact": MagicMock(return_value=(9, 1)),
        "expire": MagicMock(return_value=[7]),
        "orphans": MagicMock(return_value=[]),
        "abort_uploads": MagicMock(return_value=0),
        "started": MagicMock(),
    }

    @contextmanager
    def session(name: str) -> Iterator[str]:
        made["started"](name)
        yield "spark"

    monkeypatch.setattr(tables, "table_names", lambda: ["gold.a", "silver.b"])
    monkeypatch.setattr(lake_maintenance, "create_spark_session", session)
    for name in set(made) - {"started"}:
        monkeypatch.setattr(lake_maintenance, name, made[name])
    return made


def test_without_small_files_no_spark_starts(work: dict[str, MagicMock]) -> None:
    lake_maintenance.main("2026-05-04")
    work["started"].assert_not_called()
    assert [call.args for call in work["expire"].call_args_list] == [("gold.a",), ("silver.b",)]
    assert all(call.kwargs == {"delete": True} for call in work["orphans"].call_args_list)


def test_small_files_are_compacted_before_snapshots_expire(work: dict[str, MagicMock]) -> None:
    work["worth_compacting"].side_effect = lambda name: name == "silver.b"
    lake_maintenance.main("2026-05-04")
    work["compact"].assert_called_once_with("spark", "silver.b")


def test_a_table_that_fails_holds_up_no_other(work: dict[str, MagicMock]) -> None:
    work["expire"].side_effect = [OSError("store is gone"), []]
    with pytest.raises(UserError, match="maintenance failed for gold.a .OSError: store is gone."):
        lake_maintenance.main("2026-05-04")
    assert work["orphans"].call_count == 2
    work["abort_uploads"].assert_called_once_with()
