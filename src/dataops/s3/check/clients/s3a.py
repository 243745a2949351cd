"""Spark through S3A, with each committer that does not rename."""

import json
from collections.abc import Iterator

from dataops.config import Settings
from dataops.s3 import S3Client
from dataops.s3.check.clients.trial import BODY, attempt
from dataops.s3.check.findings import Finding, Status

TITLE, ORDER, NEEDS, WHERE = "s3a", 40, "pyspark", "make s3-check, which runs in the pod of a job"
_CLASS = "org.apache.hadoop.fs.s3a.S3AFileSystem"
COMMITTERS = ("magic", "directory")
_CONSEQUENCE = "Spark cannot write plain Parquet with this committer"


def probe(settings: Settings, folder: str) -> Iterator[Finding]:
    """Write, read and delete a folder of Parquet files with each committer, in one local session."""
    from dataops.spark.session import create_spark_session

    alone = settings.model_copy(update={"spark_master_url": "local[2]", "lake_catalog_uri": None, "pod_ip": None})
    conf = {"spark.eventLog.enabled": "false", "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1"}
    spark = create_spark_session("s3-check", settings=alone, conf=conf)
    jvm = spark._jvm
    assert jvm is not None
    try:
        jvm.java.lang.Class.forName(_CLASS)
    except Exception:  # noqa: BLE001 - py4j's own, which says only that Java threw
        yield Finding(TITLE, Status.NOT_CHECKED, "this Spark has no S3A", "nothing is known about it", WHERE)
        return
    store = S3Client(settings)
    for committer in COMMITTERS:
        path = f"{folder}/{committer}"

        def work(committer: str = committer, path: str = path) -> bytes:
            frame = spark.createDataFrame([(bytearray(BODY),)], "body binary")
            options = {"fs.s3a.committer.name": committer}
            frame.write.options(**options).parquet(f"s3a://{settings.s3_bucket}/{path}")
            used = json.loads(store.read_bytes(f"{path}/_SUCCESS"))["committer"]
            if used != committer:
                raise RuntimeError(f"Spark used the committer {used}")
            rows = spark.read.parquet(f"s3a://{settings.s3_bucket}/{path}").collect()
            hadoop = jvm.org.apache.hadoop.fs.Path(f"s3a://{settings.s3_bucket}/{path}")
            hadoop.getFileSystem(spark._jsc.hadoopConfiguration()).delete(hadoop, True)
            left = [one.key for one in store.list_objects(path)]
            if left:
                raise RuntimeError(f"{len(left)} objects are left after Spark deleted the folder")
            return bytes(rows[0]["body"])

        yield attempt(f"{TITLE}.{committer}", work, consequence=_CONSEQUENCE)
    spark.stop()


