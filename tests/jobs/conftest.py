"""The library's fixtures (a local Spark, an S3 store in this process), and the flights of the package on that Spark."""

import pytest
from pyspark.sql import DataFrame, SparkSession

from dataops.testing.fixtures import engine_session, local_spark, s3, s3_settings, single_machine
from jobs import flights_silver
from jobs._delivery import COLUMNS, rows_of
from jobs._frames import delivered_frame
from jobs.flights_bronze import delivered_files, package_folder

__all__ = ["engine_session", "local_spark", "s3", "s3_settings", "single_machine"]


@pytest.fixture(scope="session")
def delivery() -> dict[str, bytes]:
    """The package's files."""
    return delivered_files(package_folder())


@pytest.fixture(scope="session")
def all_flights(local_spark: SparkSession, delivery: dict[str, bytes]) -> DataFrame:
    """All 336,776 delivered flights, cleaned; once, because it takes seconds."""
    lines = rows_of(flights_silver.FILE, delivery[flights_silver.FILE])
    return flights_silver.transform(delivered_frame(local_spark, lines, COLUMNS[flights_silver.FILE])).persist()
