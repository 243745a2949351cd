"""Notebook helpers on a local Spark: the rules of paths, and what a sample says."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from dataops import tables
from dataops.errors import UserError
from dataops.notebook import read_s3_parquet, show_sample, write_s3_parquet


@pytest.fixture(autouse=True)
def no_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAKE_CATALOG_URI", raising=False)


def test_parquet_round_trip(local_spark: SparkSession, tmp_path: Path) -> None:
    path = str(tmp_path / "numbers")
    write_s3_parquet(local_spark.range(3), path)
    write_s3_parquet(local_spark.range(4), path)
    assert read_s3_parquet(local_spark, path).count() == 4
    write_s3_parquet(local_spark.range(1), path, mode="append")
    assert read_s3_parquet(local_spark, path).count() == 5


def test_a_path_without_parquet_is_named(local_spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="none does not exist"):
        read_s3_parquet(local_spark, str(tmp_path / "none"))
    with pytest.raises(UserError, match="holds no Parquet file"):
        read_s3_parquet(local_spark, str(tmp_path))


def test_a_write_onto_a_table_names_the_right_call(local_spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "tables_touching", lambda path, settings: ["silver.flights"])
    with pytest.raises(UserError, match=r'dataops.tables.publish\(df, "silver.flights"\)'):
        write_s3_parquet(local_spark.range(1), "silver/flights")


def test_an_unknown_mode_is_refused(local_spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="mode 'replace' is unknown"):
        write_s3_parquet(local_spark.range(1), str(tmp_path / "x"), mode="replace")


def test_a_sample_counts_its_own_nulls_and_says_so(local_spark: SparkSession) -> None:
    rows = [("<b>", None), ("x", 2.0), ("y", None)]
    sample = show_sample(local_spark.createDataFrame(rows, "name string, delay double").coalesce(1), 2)
    assert sample.nulls == {"name": 0, "delay": 1}
    page = sample._repr_html_()
    assert "&lt;b&gt;" in page and "delay<br><small>double<br>1 null" in page
    assert "2 rows; nulls are counted over these rows" in page and "2 rows" in repr(sample)
