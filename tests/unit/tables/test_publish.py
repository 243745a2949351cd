"""publish: what it does in which order, and when others were faster; store and catalog are faked."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import MagicMock

import pytest

from dataops.errors import UserError
from dataops.quality import InRange, NotNull, QualityError, Report, Unique
from dataops.tables import Column, Table, audited, publish, publishing
from dataops.tables.branch import MovedError, slug

COLUMNS = (Column("id", "int"), Column("month", "int"))
TABLE = Table("silver.flights", COLUMNS, "us", "Flights.", partition_by=("month",), keys=("id",))


class Snapshot:
    """One snapshot of the fake."""

    def __init__(self, number: int, parent: int) -> None:
        self._ids = number, parent

    def snapshotId(self) -> int:
        return self._ids[0]

    def parentId(self) -> int:
        return self._ids[1]


class Fake:
    """Iceberg's branches of one table, whose main others may move."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.alone: list[bool] = []
        self.main = 1
        self.moves: list[int] = []  # where main is when it is to be forwarded
        self.earlier: list[int | None] = []  # what the run has published, each time it is asked
        self.written_rows = True

    def __call__(self, spark: Any, table: str, run: str, *, alone: bool) -> "Fake":
        self.alone.append(alone)
        self.target, self.base = f"lake.{table}.branch_audit", self.main
        return self

    def __enter__(self) -> "Fake":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.done.append("drop" if kind else "end")

    def load(self) -> Any:
        return MagicMock()

    def written(self) -> Snapshot | None:
        return Snapshot(100, self.base) if self.written_rows else None

    def prepare(self, written: Any, mode: str, properties: dict[str, str]) -> Snapshot:
        self.done.append("prepare")
        self.properties = properties
        return Snapshot(self.main + 1, self.main)

    def forward(self, ready: Snapshot) -> None:
        self.main = self.moves.pop() if self.moves else self.main
        if ready.parentId() != self.main:
            raise MovedError("silver.flights")
        self.done.append("forward")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Publishing on the fake; the catalog allows everything."""
    made = Fake()
    monkeypatch.setattr(publishing, "check_may_write", lambda table, settings: None)
    monkeypatch.setattr(publishing, "check_shape", lambda df, table, partition_by: None)
    monkeypatch.setattr(publishing, "load", lambda spark, table: MagicMock())
    monkeypatch.setattr(publishing, "published_by", lambda *_: made.earlier.pop(0) if made.earlier else None)
    monkeypatch.setattr(publishing, "Branches", made)
    monkeypatch.setattr(publishing, "write", lambda *words: made.done.append("write"))

    def examine(*words: Any) -> dict[str, str]:
        made.done.append("examine")
        return {}

    monkeypatch.setattr(audited, "examine", examine)
    return made


def frame() -> Any:
    """Rows, of which nothing but the columns is asked."""
    return MagicMock(columns=["id", "month"])


def declared(*expectations: Any, partition_by: Sequence[str] = ("month",)) -> Table:
    """The table with expectations."""
    return Table("silver.flights", COLUMNS, "us", "Flights.", tuple(partition_by), (), ("id",), expectations)


def test_rows_are_written_audited_and_shown_in_this_order(fake: Fake) -> None:
    assert publish(frame(), TABLE, run="dag/1") == 2
    assert fake.done == ["write", "examine", "prepare", "forward", "end"]
    assert fake.properties["dataops-run"] == "dag/1"


def test_the_run_of_the_pod_is_the_runs_name(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAOPS_RUN", "flights/2013/silver")
    publish(frame(), "silver.flights", ["month"])
    assert fake.properties["dataops-run"] == "flights/2013/silver"


def test_what_the_audit_blocks_is_never_shown(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = QualityError(Report("silver.flights", "dag/1", 1, ()), None)
    monkeypatch.setattr(audited, "examine", MagicMock(side_effect=blocked))
    with pytest.raises(QualityError):
        publish(frame(), TABLE)
    assert fake.done == ["write", "drop"]


def test_when_main_moved_only_the_last_step_is_done_anew(fake: Fake) -> None:
    fake.moves = [7]
    assert publish(frame(), TABLE) == 8
    assert fake.done == ["write", "examine", "prepare", "prepare", "forward", "end"]


@pytest.mark.parametrize(
    ("mode", "table"),
    [("merge", declared()), ("append", declared(Unique("id", "month"))), ("overwrite", declared(Unique("id")))],
)
def test_what_depends_on_other_rows_is_audited_anew_when_main_moved(fake: Fake, mode: Any, table: Table) -> None:
    fake.moves = [7]
    assert publish(frame(), table, mode=mode, run="dag/1") == 8
    assert fake.done.count("examine") == 2
    assert fake.done[-4:] == ["examine", "prepare", "forward", "end"]


@pytest.mark.parametrize("table", [declared(Unique("id", "month")), declared(NotNull("id"), InRange("id", 1))])
def test_what_depends_on_its_own_rows_alone_is_not(fake: Fake, table: Table) -> None:
    fake.moves = [7]
    publish(frame(), table)
    assert fake.done.count("examine") == 1


def test_an_attempt_that_begins_anew_leaves_others_of_its_run_alone(fake: Fake) -> None:
    fake.earlier = [None, 5, None]
    publish(frame(), TABLE, mode="append", run="dag/1")
    assert fake.alone == [True, False]


def test_main_that_never_rests_is_given_up(fake: Fake) -> None:
    fake.moves = list(range(1000, 10, -1))
    with pytest.raises(UserError, match="others keep changing table silver.flights; run this again"):
        publish(frame(), TABLE)
    assert "forward" not in fake.done


def test_an_append_of_the_same_run_is_not_done_again(fake: Fake) -> None:
    fake.earlier = [5]
    assert publish(frame(), TABLE, mode="append", run="dag/1") == 5
    assert fake.done == []


def test_an_append_that_another_attempt_of_the_run_did_meanwhile_is_not_done_again(fake: Fake) -> None:
    fake.earlier = [None, 5, 5]
    assert publish(frame(), TABLE, mode="append", run="dag/1") == 5
    assert "forward" not in fake.done


@pytest.mark.parametrize(
    ("words", "options", "fault"),
    [
        ((TABLE,), {"mode": "append"}, "an append to table silver.flights needs run="),
        (("silver.flights",), {"mode": "merge"}, "a merge into table silver.flights needs its keys; declare them"),
        ((TABLE,), {"mode": "upsert"}, "table silver.flights cannot be published by 'upsert'; use overwrite, merge"),
        ((TABLE, ["month"]), {}, "table silver.flights is declared with its partitions; leave partition_by out"),
        ((declared(NotNull("day")),), {}, "table silver.flights has no column 'day', of which NotNull expects"),
    ],
)
def test_what_cannot_be_published_is_said_before_anything_is_written(
    fake: Fake, words: tuple[Any, ...], options: dict[str, Any], fault: str
) -> None:
    with pytest.raises(UserError, match=fault):
        publish(frame(), *words, **options)
    assert fake.done == []


def test_no_rows_replace_no_partition(fake: Fake) -> None:
    fake.written_rows = False
    with pytest.raises(UserError, match="the frame for table silver.flights has no rows"):
        publish(frame(), TABLE)
    assert fake.done == ["write", "drop"]


def test_who_may_not_write_writes_nothing(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "check_may_write", MagicMock(side_effect=UserError("not yours")))
    with pytest.raises(UserError, match="not yours"):
        publish(frame(), TABLE)
    assert fake.done == []


def test_no_two_runs_share_a_branch() -> None:
    runs = ["dag/1", "dag 1", "DAG/1", "scheduled__2026-01-01T00:00:00+00:00/task", "x" * 300]
    assert len({slug(run) for run in runs}) == len(runs)
    assert all(len(slug(run)) < 80 and slug(run).replace("_", "a").isalnum() for run in runs)
