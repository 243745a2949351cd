"""Waits: what they ask of the lake, that they start and end in the triggerer, and what ends them early."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from airflow.serialization.serialized_objects import DagSerialization
from airflow.triggers.base import TaskFailedEvent, TaskSuccessEvent, TriggerEvent

from dataops.airflow import LOAD, _lake, daily_dag, partition_there, s3_ready, table_fresh, triggers
from dataops.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
# .venv has pyiceberg, which Airflow's image has not: it writes a real table for the sensors to look at
WRITER = """
import sys, pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType

folder = sys.argv[1]
catalog = load_catalog("lake", type="sql", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}")
catalog.create_namespace("silver")
schema = Schema(NestedField(1, "day", StringType()), NestedField(2, "amount", LongType()))
spec = PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "day"))
table = catalog.create_table("silver.visits", schema, partition_spec=spec)
table.append(pa.table({"day": ["2013-01-01", "2013-01-02"], "amount": [1, 2]}))
table.delete("day = '2013-01-02'")
print(table.metadata_location)
"""


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where a real table's metadata is: rows of one day, and another day whose rows were deleted."""
    folder = str(tmp_path_factory.mktemp("lake"))
    done = subprocess.run([ROOT / ".venv/bin/python", "-c", WRITER, folder], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


@pytest.fixture
def lake(metadata: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalog that knows this table, and a store that reads this machine's files."""

    class Cursor:
        """Answers the one question that is asked."""

        def execute(self, text: str, words: tuple[str, ...]) -> None:
            self.found = (metadata,) if words == ("lake", "silver", "visits") else None

        def fetchone(self) -> Any:
            return self.found

    @contextmanager
    def cursor(settings: Any) -> Any:
        yield Cursor()

    class Store:
        """Reads files."""

        def read_bytes(self, path: str) -> bytes:
            return Path(path.removeprefix("file://")).read_bytes()

    monkeypatch.setattr(_lake, "catalog_cursor", cursor)
    monkeypatch.setattr(_lake, "_store", Store)


@pytest.mark.parametrize(
    ("since", "fresh"),
    [("2013-01-01", True), ("2013-01-01T10:00:00+02:00", True), ("2999-01-01", False), ("2999-01-01T00:00:00Z", False)],
)
def test_a_table_is_fresh_since_its_newest_commit(lake: None, since: str, fresh: bool) -> None:
    assert _lake.committed_since("silver.visits", since) is fresh


@pytest.mark.parametrize(
    ("partition", "there"), [({"day": "2013-01-01"}, True), ({"day": "2013-01-02"}, False), ({"hour": "1"}, False)]
)
def test_a_partition_is_there_while_rows_of_it_are(lake: None, partition: dict[str, str], there: bool) -> None:
    assert _lake.has_partition("silver.visits", partition) is there


def test_a_table_that_is_not_there_yet_is_waited_for(lake: None) -> None:
    assert not _lake.committed_since("silver.other", "2013-01-01")
    assert not _lake.has_partition("silver.other", {"day": "2013-01-01"})


def test_the_waits_of_a_triggerer_share_a_client_and_ask_no_more_than_they_must(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    class Store:
        """Notes that it was made; knows one object."""

        def __init__(self) -> None:
            made.append("client")

        def exists(self, path: str) -> bool:
            return path == "bronze/x/"

    monkeypatch.setattr(_lake, "S3Client", Store)
    _lake._store.cache_clear()
    try:
        assert [_lake.something_at(path) for path in ("bronze/x/", "bronze/y/", "bronze/x/")] == [True, False, True]
    finally:
        _lake._store.cache_clear()
    assert made == ["client"]


def events(trigger: triggers.LakeTrigger) -> list[TriggerEvent]:
    """What a trigger says until it ends."""

    async def collect() -> list[TriggerEvent]:
        return [event async for event in trigger.run()]

    return asyncio.run(collect())


def test_the_task_succeeds_when_the_answer_is_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: Iterator[bool | UserError] = iter([False, UserError("a store that restarts"), False, True])

    def answer(path: str) -> bool:
        one = next(answers)
        if isinstance(one, UserError):
            raise one
        return one

    monkeypatch.setitem(triggers.QUESTIONS, "something_at", answer)
    (event,) = events(triggers.LakeTrigger("something_at", {"path": "bronze/x/"}, every=0))
    assert isinstance(event, TaskSuccessEvent) and next(answers, None) is None


def test_the_task_fails_when_every_look_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def refuse(path: str) -> bool:
        looks.append(path)
        raise UserError("the key may not list")

    monkeypatch.setitem(triggers.QUESTIONS, "something_at", refuse)
    (event,) = events(triggers.LakeTrigger("something_at", {"path": "bronze/x/"}, every=0))
    assert isinstance(event, TaskFailedEvent) and len(looks) == triggers.PATIENCE


def test_every_wait_starts_in_the_triggerer_and_its_trigger_survives_a_restart() -> None:
    with daily_dag("example", owner="someone", description="An example.", tags=["test"]) as dag:
        s3_ready("files", path=f"bronze/x/{LOAD}/")
        table_fresh("fresh", table="silver.visits")
        partition_there("there", table="silver.visits", partition={"day": LOAD})
    stored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    for task in stored.tasks:
        assert task.start_from_trigger is True and task.start_trigger_args.timeout
        assert "asked" in task.template_fields
    for task in dag.tasks:
        trigger = triggers.LakeTrigger(**task.start_trigger_args.trigger_kwargs)
        path, kwargs = trigger.serialize()
        assert path == task.start_trigger_args.trigger_cls and triggers.LakeTrigger(**kwargs).serialize()[1] == kwargs
        assert trigger.question in triggers.QUESTIONS


def test_a_name_that_is_none_is_refused_when_the_dag_is_read() -> None:
    with pytest.raises(UserError, match="'visits' is no name of a table"):
        table_fresh("fresh", table="visits")
