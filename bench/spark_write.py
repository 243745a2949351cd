"""Writes Parquet files to S3 with Spark, as the platform sets it up or as Spark comes; run as a program of its own."""

import sys

from dataops.config import Settings
from dataops.spark.session import create_spark_session

# what a session has that nobody has told of S3: files are written to a temporary folder and renamed, which S3 cannot
STOCK = {
    "spark.sql.sources.commitProtocolClass": (
        "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol"
    ),
    "spark.sql.parquet.output.committer.class": "org.apache.parquet.hadoop.ParquetOutputCommitter",
    "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3a": (
        "org.apache.hadoop.mapreduce.lib.output.FileOutputCommitterFactory"
    ),
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",
}
FILES, ROWS = 8, 1_600_000


def main(path: str, way: str, classpath: str) -> None:
    """Write the files."""
    conf = {"spark.driver.extraClassPath": classpath, "spark.eventLog.enabled": "false", "spark.ui.enabled": "false"}
    with create_spark_session(
        "commit", settings=Settings.load(), conf=conf | (STOCK if way == "stock" else {})
    ) as spark:
        rows = spark.range(0, ROWS, 1, FILES).selectExpr("id", "md5(cast(id as string)) as text")
        rows.write.parquet(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
