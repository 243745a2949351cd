"""Delivered lines as Spark frames, and the one rule by which repeated rows are told apart."""

from collections.abc import Sequence

import pandas as pd
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.window import Window

MALFORMED = "_malformed"
"""Holds the line itself where a line has more or fewer fields than the file has columns."""


def delivered_frame(spark: SparkSession, lines: Sequence[str], columns: Sequence[str]) -> DataFrame:
    """Return delivered lines as text columns, NA and nothing as null; nothing is typed or dropped yet."""
    schema = ", ".join(f"{name} string" for name in [*columns, MALFORMED])
    options = {"nullValue": "NA", "emptyValue": "NA", "columnNameOfCorruptRecord": MALFORMED}
    text = spark.createDataFrame(pd.DataFrame({"line": lines}, dtype="string"))  # pandas, because that travels as Arrow
    return text.select(F.from_csv("line", schema, options).alias("row")).select("row.*")


def integer(name: str) -> Column:
    """Return a text column as a whole number; null where it is none (a plain cast would cut 5.58 to 5)."""
    return F.when(~F.col(name).contains("."), F.col(name).cast("int"))


def utc(name: str) -> Column:
    """Return a text column such as 2013-01-01T10:00:00Z as an instant; null where it is none."""
    return F.when(F.col(name).endswith("Z"), F.col(name).cast("timestamp"))  # a zone, so the session's has no say


def repeated(key: Sequence[str], order: Sequence[str]) -> Column:
    """Return whether a row repeats another one's key; which of them counts as the first is the same in every run."""
    window = Window.partitionBy(*key).orderBy(*(F.col(name).asc_nulls_last() for name in order))
    return F.row_number().over(window) > 1
