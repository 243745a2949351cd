"""Spark through S3A, with each committer that does not rename."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from dataops.config import Settings
from dataops.s3 import S3Client
from dataops.s3.check.clients.trial import BODY, attempt
from dataops.s3.check.findings import Finding, Status

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TITLE, ORDER, NEEDS, WHERE = "s3a", 40, "pyspark", "make s3-check, which runs in the pod of a job"
COMMITTERS = {
    "magic": (Status.FAILED, "Spark writes plain Parquet with it, and cannot here; tables need no committer"),
    "directory": (
        Status.DEGRADED,
        "none on the platform: it needs a folder that driver and executors share, which pods do not have",
    ),
}


def probe(settings: Settings, folder: str) -> Iterator[Finding]:
    """Write, read and delete a folder of Parquet files with each committer, in one local session."""
    from dataops.spark.session import create_spark_session

    alone = settings.model_copy(update={"spark_master_url": "local[2]", "lake_catalog_uri": None, "pod_ip": None})
    conf = {"spark.eventLog.enabled": "false", "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1"}
    spark = create_spark_session("s3-check", settings=alone, conf=conf)
    if not _has_s3a(spark):
        yield Finding(TITLE, Status.NOT_CHECKED, "this Spark has no S3A", "nothing is known about it", WHERE)
        return
    for committer, (otherwise, consequence) in COMMITTERS.items():
        work = partial(_round_trip, spark, S3Client(settings), f"s3a://{settings.s3_bucket}/{folder}", committer)
        yield attempt(f"{TITLE}.{committer}", work, consequence=consequence, otherwise=otherwise)
    spark.stop()


def _has_s3a(spark: SparkSession) -> bool:
    assert spark._jvm is not None
    try:
        spark._jvm.java.lang.Class.forName("org.apache.hadoop.fs.s3a.S3AFileSystem")
    except Exception:  # py4j's own, which says only that Java threw
        return False
    return True


def _round_trip(spark: SparkSession, store: S3Client, folder: str, committer: str) -> bytes:
    url = f"{folder}/{committer}"
    frame = spark.createDataFrame([(bytearray(BODY),)], "body binary")
    frame.write.options(**{"fs.s3a.committer.name": committer}).parquet(url)
    used = json.loads(store.read_bytes(f"{url}/_SUCCESS"))["committer"]
    if used != committer:
        raise RuntimeError(f"Spark used the committer {used}")
    rows = spark.read.parquet(url).collect()
    assert spark._jvm is not None
    path = spark._jvm.org.apache.hadoop.fs.Path(url)
    path.getFileSystem(spark._jsc.hadoopConfiguration()).delete(path, True)
    if left := store.list_objects(url):
        raise RuntimeError(f"{len(left)} objects are left after Spark deleted the folder")
    return bytes(rows[0]["body"])
