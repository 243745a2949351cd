"""Publishes and reads tables with Spark, and prints what it saw as one line of JSON."""

import json
import sys

from dataops import tables
from dataops.errors import UserError
from dataops.notebook import read_s3_parquet, write_s3_parquet
from dataops.spark.session import create_spark_session


def refusal(*arguments: object, **named: object) -> str:
    """Return the sentence with which a call is refused."""
    call, *rest = arguments
    assert callable(call)
    try:
        call(*rest, **named)
    except UserError as error:
        return str(error)
    return "not refused"


def job() -> dict[str, object]:
    """What a job does."""
    spark = create_spark_session("integration")
    rows = spark.range(12).selectExpr("id", "cast(id % 3 as int) as month", "cast(id as double) as x")
    first = tables.publish(rows, "silver.numbers", partition_by=["month"])
    second = tables.publish(
        rows.where("month = 1").withColumn("x", rows.x * 0), "silver.numbers", partition_by=["month"]
    )
    tables.publish(rows, "silver.whole")
    tables.publish(rows.where("id < 2"), "silver.whole")
    return {
        "first": first,
        "second": second,
        "now": _sums(tables.read(spark, "silver.numbers")),
        "before": _sums(tables.read(spark, "silver.numbers", first)),
        "by_path": _sums(read_s3_parquet(spark, "s3a://data-lake/silver/numbers/")),
        "whole": tables.read(spark, "silver.whole").count(),
        "onto_table": refusal(write_s3_parquet, rows, "silver"),
        "other_partition": refusal(tables.publish, rows, "silver.numbers"),
        "other_columns": refusal(tables.publish, rows.drop("x"), "silver.numbers", partition_by=["month"]),
        "no_table": refusal(tables.read, spark, "silver.nothing"),
        "no_path": refusal(read_s3_parquet, spark, "bronze/nothing"),
    }


def notebook() -> dict[str, object]:
    """What a notebook may and may not do."""
    spark = create_spark_session("integration")
    rows = tables.read(spark, "silver.numbers")
    tables.publish(rows, "sandbox.mine")
    return {
        "silver": refusal(tables.publish, rows, "silver.numbers", partition_by=["month"]),
        "sandbox": tables.read(spark, "sandbox.mine").count(),
    }


def _sums(frame: object) -> dict[str, float]:
    rows = frame.groupBy("month").sum("x").collect()  # type: ignore[attr-defined]  # any DataFrame
    return {str(row["month"]): row["sum(x)"] for row in rows}


if __name__ == "__main__":
    print("RESULT " + json.dumps({"job": job, "notebook": notebook}[sys.argv[1]]()))
