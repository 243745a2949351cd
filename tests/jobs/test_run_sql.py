"""A statement is a check or a table: it reads one snapshot, and a check that finds a row says which."""

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from dataops import tables
from dataops.errors import UserError
from jobs import publish_files, run_sql

FLIGHTS = "year int, month int, flights long"


class Session:
    """The test's own Spark, which a job must not end."""

    def __init__(self, spark: Any) -> None:
        self._spark = spark

    def __enter__(self) -> Any:
        return self._spark

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def lake(local_spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Tables by name; what is published joins them."""
    found: dict[str, Any] = {"silver.a": local_spark.createDataFrame([(2013, 1, 3), (2013, 2, 4)], FLIGHTS)}

    def publish(df: DataFrame, table: str, partition_by: list[str]) -> int:
        found[table] = [tuple(row) for row in df.collect()], partition_by
        return 7

    for job in (run_sql, publish_files):
        monkeypatch.setattr(job, "create_spark_session", lambda name: Session(local_spark))
    monkeypatch.setattr(tables, "read", lambda spark, table: found[table])
    monkeypatch.setattr(tables, "publish", publish)
    monkeypatch.setattr(run_sql, "FOLDER", tmp_path)
    (tmp_path / "month.sql").write_text("select month, flights, :load as load from silver_a where month = 2")
    (tmp_path / "none.sql").write_text("select * from silver_a where flights < 0")
    return found


def test_rows_become_a_table_and_know_their_load(lake: dict[str, Any]) -> None:
    run_sql.main("2013-12-31", sql="month", reads="silver.a", publish="gold.b", partition_by="month load")
    assert lake["gold.b"] == ([(2, 4, "2013-12-31")], ["month", "load"])


def test_a_check_that_finds_nothing_publishes_nothing(lake: dict[str, Any]) -> None:
    run_sql.main("2013-12-31", sql="none", reads="silver.a", publish="", partition_by="")
    assert set(lake) == {"silver.a"}


def test_a_check_that_finds_a_row_names_it(lake: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="the check month found 1 rows that should not be: {'month': 2, 'flights': 4"):
        run_sql.main("2013-12-31", sql="month", reads="silver.a", publish="", partition_by="")


@pytest.mark.parametrize("name", ["gone", "../month", ""])
def test_a_statement_that_is_not_there_is_named_with_those_that_are(lake: dict[str, Any], name: str) -> None:
    with pytest.raises(UserError, match=rf"jobs/sql/{name}.sql does not exist; name one of: month, none"):
        run_sql.main("2013-12-31", sql=name, reads="", publish="", partition_by="")


def test_the_delays_are_checked_against_the_flights(local_spark: SparkSession) -> None:
    flights = local_spark.createDataFrame([(2013, 1, 1), (2013, 1, 1), (2013, 2, 1)], FLIGHTS)
    flights.createOrReplaceTempView("silver_flights")
    local_spark.createDataFrame([(2013, 1, 2), (2013, 3, 1)], FLIGHTS).createOrReplaceTempView("gold_delays")
    text = Path(run_sql.__file__).with_name("sql").joinpath("delays_account_for_flights.sql").read_text()
    wrong = run_sql.transform(local_spark, text, "2013-12-31").orderBy("month").collect()
    assert [tuple(row) for row in wrong] == [(2013, 2, 1, None), (2013, 3, None, 1)]


def test_files_become_a_table(lake: dict[str, Any], local_spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Reader:
        """Finds the same rows everywhere."""

        def parquet(self, url: str) -> DataFrame:
            asked.append(url)
            rows: DataFrame = lake["silver.a"]
            return rows.where("year = 2013" if "full" in url else "year = 0")

    class Spark:
        """A Spark that reads with it."""

        read = Reader()

    monkeypatch.setattr(publish_files, "create_spark_session", lambda name: Session(Spark()))
    publish_files.main("2013-12-31", path="bronze/full/", table="silver.b", partition_by="year")
    assert asked == ["s3a://data-lake/bronze/full/"] and lake["silver.b"] == ([(2013, 1, 3), (2013, 2, 4)], ["year"])
    with pytest.raises(UserError, match="bronze/empty/ holds no row; the table silver.c stays as it is"):
        publish_files.main("2013-12-31", path="bronze/empty/", table="silver.c", partition_by="")
