"""What everybody writes: the session is made and everything is imported when the kernel starts."""

import boto3  # noqa: F401  # for the person at the notebook
import mlflow  # noqa: F401  # likewise
import pandas as pd  # noqa: F401  # likewise
from pyspark.sql import DataFrame, SparkSession

spark = (
    SparkSession.builder.master("local[*]")
    .appName("notebook")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.execution.arrow.pyspark.enabled", "true")
    .getOrCreate()
)


def read_s3_parquet(path: str) -> DataFrame:
    """Read Parquet."""
    return spark.read.parquet(path)
