"""Publish: the Parquet files below a prefix of the lake become rows of a table, in one commit."""

from pyspark.sql import DataFrame

from dataops import lineage, tables
from dataops.config import Settings
from dataops.errors import UserError
from dataops.spark.session import create_spark_session
from jobs._job import command, report


def transform(delivered: DataFrame) -> DataFrame:
    """Return the rows as they are: what needs a thought is a job of its own."""
    return delivered


def main(load: str, *, path: str, table: str, partition_by: str) -> None:
    """Replace the partitions that occur in the files, or the whole table where it has none.

    Raises:
        UserError: the files hold no row.
    """
    with create_spark_session(f"publish {table}") as spark:
        url = f"s3a://{Settings.load().s3_bucket}/{path}"
        rows = transform(spark.read.parquet(url))
        lineage.record(url)
        count = rows.count()
        if not count:
            raise UserError(f"{url} holds no row; the table {table} stays as it is")
        snapshot = tables.publish(rows, table, partition_by=partition_by.split())
        report("publish", load, rows_in=count, rows_out=count, rejected={}, table=table, snapshot=snapshot)


if __name__ == "__main__":
    command(
        main,
        __doc__,
        path="prefix in the lake's bucket, such as bronze/visits/2013-12-31/",
        table="the table to publish",
        partition_by="its partition columns, with spaces between",
    )
