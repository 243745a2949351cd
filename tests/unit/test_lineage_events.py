"""What a job leaves about itself: one event of OpenLineage, however it ended, and no failure more."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from dataops import lineage
from dataops.config import Settings
from dataops.errors import UserError
from dataops.lineage_events import PREFIX, event, recorded
from dataops.s3 import S3Client
from dataops.testing.fixtures import s3, s3_settings

__all__ = ["s3", "s3_settings"]


@pytest.fixture(autouse=True)
def nothing_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has read and published nothing."""
    monkeypatch.setattr(lineage, "_read", {})
    monkeypatch.setattr(lineage, "_written", {})


def events(s3: S3Client) -> Iterator[dict[str, Any]]:
    """Every event in the store."""
    for found in s3.list_objects(PREFIX):
        yield json.loads(s3.read_bytes(found.key))


def test_it_says_what_was_read_and_published_by_which_run(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAOPS_RUN", "flights/scheduled__2013-12-31/gold/-1")
    with recorded("flights_gold"):
        lineage.record("silver.flights", 4711)
        lineage.record("s3a://data-lake/bronze/x")
        lineage.wrote("gold.delays", 4712)
    (told,) = events(s3)
    assert told["eventType"] == "COMPLETE" and told["job"] == {"namespace": "dataops", "name": "jobs.flights_gold"}
    assert told["run"]["facets"]["dataops_run"]["airflow"] == "flights/scheduled__2013-12-31/gold/-1"
    read, file = told["inputs"]
    assert read["name"] == "silver.flights" and read["facets"]["version"]["datasetVersion"] == "4711"
    assert file == {"namespace": "s3://data-lake", "name": "s3a://data-lake/bronze/x"}
    assert [one["name"] for one in told["outputs"]] == ["gold.delays"]


def test_a_job_that_fails_says_so_and_fails_as_before(s3: S3Client) -> None:
    with pytest.raises(UserError, match="no rows"), recorded("flights_gold"):
        raise UserError("no rows")
    assert [told["eventType"] for told in events(s3)] == ["FAIL"]


def test_a_store_that_refuses_it_is_a_warning(
    s3: S3Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(self: S3Client, path: str, data: bytes) -> None:
        raise UserError("you may not write there")

    monkeypatch.setattr(S3Client, "write_bytes", refuse)
    with caplog.at_level(logging.WARNING), recorded("flights_gold"):
        pass
    assert "no lineage was recorded: you may not write there" in caplog.text


def test_without_a_store_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("S3_ENDPOINT_URL", raising=False)
    with recorded("flights_gold"):
        pass


def test_no_key_is_in_it() -> None:
    settings = Settings.model_construct(s3_access_key_id=SecretStr("canary"), s3_secret_access_key=SecretStr("canary"))
    assert "canary" not in json.dumps(event("x", "COMPLETE", settings))
