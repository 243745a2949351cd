"""Which engine a job gets: the told one, else by bytes; the log says which and why."""

import logging
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from dataops.config import Settings
from dataops.engine import choice, choose, input_bytes, session
from dataops.engine.inputs import compared_by
from dataops.errors import UserError
from dataops.notebook.limits import Limits
from dataops.quality import Matches, Unique
from dataops.s3 import S3Client
from dataops.tables import python
from dataops.testing.fixtures import s3, s3_settings
from jobs.tables.silver_flights import TABLE

__all__ = ["s3", "s3_settings"]

LIMIT = Settings.model_construct(single_engine_max_bytes=1000)


@pytest.mark.parametrize(("size", "engine"), [(0, "single"), (1000, "single"), (1001, "spark")])
def test_bytes_decide_where_nobody_does(size: int, engine: str) -> None:
    for told in (None, "auto"):
        chosen = choose(size, told, LIMIT)
        assert chosen.engine == engine
        assert f"{size} bytes" in chosen.reason and "SINGLE_ENGINE_MAX_BYTES (1000)" in chosen.reason


@pytest.mark.parametrize("told", ["single", "spark"])
def test_who_is_told_obeys(told: str) -> None:
    for size in (0, 1001):
        assert choose(size, told, LIMIT).engine == told
        assert choose(size, told, LIMIT).reason == f"told: {told}"


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(UserError, match="--engine is 'duckdb'; give one of auto, single, spark"):
        choose(0, "duckdb", LIMIT)


def test_the_limit_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SINGLE_ENGINE_MAX_BYTES", "10")
    assert [choose(size).engine for size in (10, 11)] == ["single", "spark"]
    monkeypatch.setenv("SINGLE_ENGINE_MAX_BYTES", "-1")
    with pytest.raises(UserError, match="SINGLE_ENGINE_MAX_BYTES is wrong"):
        choose(10)


def test_without_a_setting_the_limit_follows_from_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "limits", lambda: Limits(memory=6000, free=0, cores=None, kills=0))
    assert [choose(size).engine for size in (1000, 1001)] == ["single", "spark"]
    assert choose(1000).reason == "1000 bytes to read, at most 1/6 of the memory here (1000)"
    monkeypatch.setattr(choice, "limits", lambda: Limits(memory=None, free=0, cores=None, kills=0))
    assert choose(1000).engine == "single"  # of the whole machine


def test_the_bytes_of_paths_are_those_of_one_listing(s3: S3Client) -> None:
    for name, size in (("bronze/x/a.csv", 3), ("bronze/x/b.csv", 4), ("bronze/y.csv", 100)):
        s3.write_bytes(name, b"1" * size)
    assert input_bytes("bronze/x/", "s3a://data-lake/bronze/y.csv") == 107
    assert input_bytes("bronze/nothing/") == 0


def test_the_choice_is_one_line_of_the_log(s3: S3Client, caplog: pytest.LogCaptureFixture) -> None:
    s3.write_bytes("bronze/x", b"12345")
    with caplog.at_level(logging.INFO), session("job", reads=["bronze/x"]) as opened:
        assert type(opened).__name__ == "SingleSession"
        del opened
    (line,) = [record for record in caplog.records if record.getMessage() == "engine chosen"]
    assert (line.__dict__["engine"], line.__dict__["input_bytes"]) == ("single", 5)
    assert line.__dict__["reason"].startswith("5 bytes to read, at most")


def test_what_one_machine_cannot_publish_goes_to_spark(s3: S3Client, caplog: pytest.LogCaptureFixture) -> None:
    s3.write_bytes("bronze/x", b"12345")
    by_day = replace(TABLE, partition_by=("day(time_hour)",), expectations=())
    with (
        pytest.raises(
            UserError, match="silver.flights cannot be published by one machine: only Spark replaces partitions"
        ),
        session("job", reads=["bronze/x"], told="single", publishes=by_day),
    ):
        pass
    points = replace(TABLE, expectations=(Matches("dest", "A.."),))
    with (
        caplog.at_level(logging.INFO),
        patch("dataops.spark.session.create_spark_session"),
        session("job", reads=["bronze/x"], publishes=points),
    ):
        pass
    (line,) = [record for record in caplog.records if record.getMessage() == "engine chosen"]
    assert (line.__dict__["engine"], line.__dict__["reason"]) == (
        "spark",
        "table silver.flights: the pattern A.. may mean something else to DuckDB",
    )


def test_a_table_whose_rows_must_be_unique_counts_among_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/catalog.db"
    monkeypatch.setattr(python, "sqlalchemy_url", lambda settings: url)
    catalog = SqlCatalog("lake", uri=url)
    assert compared_by(TABLE, LIMIT) == []  # it is not there yet
    catalog.create_namespace("silver")
    catalog.create_table("silver.flights", pa.schema([("month", pa.int32())]), f"file://{tmp_path}/flights")
    assert compared_by(TABLE, LIMIT) == ["silver.flights"]
    within = (Unique("year", "month", "flight"),)  # of one partition, which is replaced
    assert compared_by(replace(TABLE, expectations=within), LIMIT) == []
    catalog.close()
