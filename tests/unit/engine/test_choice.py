"""Which engine a job gets: the told one, else by bytes; the log says which and why."""

import logging

import pytest

from dataops.config import Settings
from dataops.engine import choose, input_bytes, session
from dataops.engine.sessions import _for_the_audit
from dataops.errors import UserError
from dataops.s3 import S3Client
from dataops.testing.fixtures import s3, s3_settings
from jobs.tables.silver_flights import TABLE

__all__ = ["s3", "s3_settings"]

LIMIT = Settings.model_construct(single_engine_max_bytes=1000)


@pytest.mark.parametrize(("size", "engine"), [(0, "single"), (1000, "single"), (1001, "spark")])
def test_bytes_decide_where_nobody_does(size: int, engine: str) -> None:
    for told in (None, "auto"):
        choice = choose(size, told, LIMIT)
        assert choice.engine == engine
        assert f"{size} bytes" in choice.reason and "SINGLE_ENGINE_MAX_BYTES (1000)" in choice.reason


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


def test_an_audit_needs_spark(s3: S3Client) -> None:
    s3.write_bytes("bronze/x", b"12345")
    with (
        pytest.raises(UserError, match="table silver.flights expects something of its rows, which only Spark audits"),
        session("job", reads=["bronze/x"], told="single", publishes=TABLE),
    ):
        pass
    assert _for_the_audit(TABLE.name, "auto").engine == "spark"
