"""Which data was read: tables at the snapshot that Spark or pandas saw, and paths."""

from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from pyspark.sql import SparkSession

from dataops import lineage, tables
from dataops.notebook import read_s3_parquet
from dataops.tables import readers


@pytest.fixture(autouse=True)
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "_read", {})
    monkeypatch.setattr(lineage, "_listeners", [])


@pytest.fixture
def spark() -> Any:
    """A Spark that holds a table at snapshot 11."""
    spark = MagicMock()
    util = spark._jvm.org.apache.iceberg.spark.Spark3Util
    util.loadIcebergTable.return_value.currentSnapshot.return_value.snapshotId.return_value = 11
    return spark


def test_a_table_is_read_at_its_current_snapshot_or_the_one_named(spark: Any) -> None:
    tables.read(spark, "silver.flights")
    tables.read(spark, "silver.flights", snapshot_id=7)
    tables.read(spark, "silver.flights")
    assert lineage.versions() == ["silver.flights@11", "silver.flights@7"]


def test_pandas_reads_the_snapshot_that_it_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    table = MagicMock()
    table.current_snapshot.return_value.snapshot_id = 12
    monkeypatch.setattr(readers, "load_table", lambda name: table)
    tables.read_pandas("gold.delays")
    assert lineage.versions() == ["gold.delays@12"]


def test_plain_parquet_is_its_path_once_it_could_be_read(
    local_spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "table_at", lambda path, settings: None)
    path = str(tmp_path / "numbers")
    local_spark.range(3).write.parquet(path)
    read_s3_parquet(local_spark, path)
    with pytest.raises(Exception, match="does not exist"):
        read_s3_parquet(local_spark, str(tmp_path / "nothing"))
    assert lineage.versions() == [path]


def test_news_is_told_once() -> None:
    told: list[list[str]] = []
    lineage.on_record(lambda: told.append(lineage.versions()))
    lineage.record("silver.flights", 1)
    lineage.record("silver.flights", 1)
    lineage.record("silver.flights", 2)
    assert told == [["silver.flights@1"], ["silver.flights@1", "silver.flights@2"]]
