"""Parquet by path on a local Spark: the rules of paths, and what is said where nothing can be read."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from dataops import tables
from dataops.errors import UserError
from dataops.notebook import read_s3_parquet, write_s3_parquet


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


def test_a_file_that_is_no_parquet_is_named(local_spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "part-0.parquet").write_text("a,b\n1,2\n")
    with pytest.raises(UserError) as error:
        read_s3_parquet(local_spark, str(tmp_path))
    words = str(error.value)
    assert words.startswith(f"{tmp_path} cannot be read (") and "is not a Parquet file" in words and "\n" not in words


def test_a_place_that_cannot_be_written_is_named(local_spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError) as error:
        write_s3_parquet(local_spark.range(1), str(tmp_path / "file" / "x"))
    assert str(error.value).startswith(f"{tmp_path}/file/x cannot be written (") and "\n" not in str(error.value)


@pytest.mark.parametrize("path", ["hdfs://data-lake/x", "https://data-lake/x", "gs://data-lake/x"])
def test_a_path_of_another_scheme_is_refused(local_spark: SparkSession, path: str) -> None:
    with pytest.raises(UserError, match=f"{path} is not a path of the lake; write s3a://data-lake/"):
        read_s3_parquet(local_spark, path)
    with pytest.raises(UserError, match=f"{path} is not a path of the lake; write s3a://data-lake/"):
        write_s3_parquet(local_spark.range(1), path)


@pytest.mark.parametrize("path", ["", "s3a://data-lake", "s3a://data-lake/"])
def test_a_path_without_a_folder_is_refused(local_spark: SparkSession, path: str) -> None:
    with pytest.raises(UserError, match=f"^'{path}' names no folder; write s3a://data-lake/<folder>"):
        read_s3_parquet(local_spark, path)
    with pytest.raises(UserError, match=f"^'{path}' names no folder; write s3a://data-lake/<folder>"):
        write_s3_parquet(local_spark.range(1), path)


@pytest.mark.usefixtures("s3")
def test_where_spark_fails_the_stores_own_words_are_told(
    local_spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = "bucket nowhere does not exist at http://127.0.0.1:"
    with pytest.raises(UserError, match=missing):
        read_s3_parquet(local_spark, "s3a://nowhere/x")
    with pytest.raises(UserError, match=missing):
        write_s3_parquet(local_spark.range(1), "s3a://nowhere/x")
    with pytest.raises(UserError, match=r"s3a://data-lake/x cannot be read \(.*S3AFileSystem not found\); look with"):
        read_s3_parquet(local_spark, "x")  # this Spark has no S3A
    monkeypatch.setenv("S3_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="S3 at http://127.0.0.1:9 cannot be reached"):
        read_s3_parquet(local_spark, "x")


def test_a_write_onto_a_table_names_the_right_call(local_spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "tables_touching", lambda path, settings: ["silver.flights"])
    with pytest.raises(UserError, match=r'dataops.tables.publish\(df, "silver.flights"\)'):
        write_s3_parquet(local_spark.range(1), "silver/flights")


def test_an_unknown_mode_is_refused(local_spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="mode 'replace' is unknown"):
        write_s3_parquet(local_spark.range(1), str(tmp_path / "x"), mode="replace")


def test_files_of_a_folder_with_other_columns_are_read_whole(local_spark: SparkSession, tmp_path: Path) -> None:
    write_s3_parquet(local_spark.sql("select 1 a, 2 b"), str(tmp_path / "x"))
    write_s3_parquet(local_spark.sql("select 1 a, 3 c"), str(tmp_path / "x"), mode="append")
    assert sorted(read_s3_parquet(local_spark, str(tmp_path / "x")).columns) == ["a", "b", "c"]


def test_files_that_do_not_fit_together_are_refused_at_once(local_spark: SparkSession, tmp_path: Path) -> None:
    write_s3_parquet(local_spark.sql("select 1 a"), str(tmp_path / "x"))
    write_s3_parquet(local_spark.sql("select 'one' a"), str(tmp_path / "x"), mode="append")
    with pytest.raises(UserError, match=r"the files in .*/x do not fit together \(.*\); read the folders") as error:
        read_s3_parquet(local_spark, str(tmp_path / "x"))
    assert "\n" not in str(error.value) and '"INT"' in str(error.value) and '"STRING"' in str(error.value)
