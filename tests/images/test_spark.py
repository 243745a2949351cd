"""What was left out of Spark's jars is missed by nothing: each part that the platform offers runs in the image."""

from collections.abc import Callable

import pytest

PROGRAM = """
import glob, sys
import pandas as pd
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession
from pyspark.sql.functions import pandas_udf

name = "spark.sql.catalog.lake"
settings = {
    "spark.ui.enabled": "true",
    "spark.sql.shuffle.partitions": "2",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.dir": "/tmp",
    "spark.eventLog.compress": "true",
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    name: "org.apache.iceberg.spark.SparkCatalog",
    f"{name}.type": "hadoop",
    f"{name}.warehouse": "/tmp/lake",
    "spark.sql.streaming.stateStore.providerClass":
        "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
}
builder = SparkSession.builder.master("local[2]")
for key, value in settings.items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()

def works(part, found, expected):
    print(part, "works" if found == expected else f"gives {found}, not {expected}", flush=True)

numbers = spark.range(100).selectExpr("id", "id % 3 AS kind", "cast(id AS double) AS value")
for codec in ("snappy", "zstd", "gzip", "lz4"):
    numbers.write.option("compression", codec).parquet(f"/tmp/{codec}")
    works(f"parquet-{codec}", spark.read.parquet(f"/tmp/{codec}").count(), 100)
numbers.write.orc("/tmp/orc")
works("orc", spark.read.orc("/tmp/orc").count(), 100)
numbers.write.option("header", True).csv("/tmp/csv")
numbers.write.json("/tmp/json")
works("csv", spark.read.option("header", True).csv("/tmp/csv").count(), 100)
rows = numbers.groupBy("kind").count().orderBy("kind").collect()
works("sql", [tuple(row) for row in rows], [(0, 34), (1, 33), (2, 33)])

double = pandas_udf(lambda series: series * 2, "double")
works("arrow", numbers.select(double("value").alias("x")).agg({"x": "sum"}).first()[0], 9900.0)
works("toPandas", len(numbers.toPandas()), 100)

points = VectorAssembler(inputCols=["value"], outputCol="features").transform(
    numbers.selectExpr("value", "cast(value > 50 AS int) AS label"))
works("ml", LogisticRegression(maxIter=5).fit(points).numClasses, 2)

numbers.writeTo("lake.sandbox.numbers").create()
spark.sql("DELETE FROM lake.sandbox.numbers WHERE kind = 0")
works("iceberg", spark.table("lake.sandbox.numbers").count(), 66)

stream = spark.readStream.schema(numbers.schema).parquet("/tmp/zstd").groupBy("kind").count()
query = stream.writeStream.outputMode("complete").format("memory").queryName("kinds").start()
query.processAllAvailable()
works("streaming", spark.table("kinds").count(), 3)
query.stop()

for part in (
    "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "org.apache.hadoop.fs.s3a.commit.magic.MagicS3GuardCommitter",
    "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol",
    "org.apache.spark.scheduler.cluster.k8s.KubernetesClusterManager",
    "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend",
    "org.apache.spark.deploy.history.HistoryServer",
    "org.apache.spark.deploy.master.Master",
    "org.apache.spark.deploy.worker.Worker",
    "org.postgresql.Driver",
    "org.apache.iceberg.jdbc.JdbcCatalog",
    "io.netty.channel.epoll.Epoll",
):
    spark._jvm.java.lang.Class.forName(part)
works("epoll", spark._jvm.io.netty.channel.epoll.Epoll.isAvailable(), True)
spark.stop()
works("event log", len(glob.glob("/tmp/local-*")) > 0, True)
print("finished")
"""
JAVA = """
import subprocess
print(subprocess.run(["java", "-Xshare:on", "-version"], capture_output=True, text=True).stderr)
print(subprocess.run(["keytool", "-list", "-cacerts", "-storepass", "changeit"], capture_output=True, text=True).stdout)
"""
CLASSES = """
import os
from pathlib import Path
os.environ["JAVA_TOOL_OPTIONS"] = "-Xlog:class+load:file=/tmp/classes-%p.log"
os.environ["SPARK_MASTER_URL"] = "local[2]"
from dataops.spark.session import create_spark_session
create_spark_session().range(10).count()
session = max(Path("/tmp").glob("classes-*.log"), key=lambda path: path.stat().st_size)  # Spark's launcher has one too
sources = [line.rpartition("source: ")[2] for line in session.read_text().splitlines()]
print(*(sum(source.startswith(start) for source in sources) for start in ("shared objects", "file:")))
"""
# an executor as Kubernetes starts it; it does not find its driver, and does not start where the archive does not fit
EXECUTOR = """
import os, subprocess
from pathlib import Path
options = ["-XX:+UseSerialGC", "-Xshare:on", "-XX:SharedArchiveFile=/opt/spark/classes.jsa"]
options.append("-Xlog:class+load:file=/tmp/executor.log")
told = {f"JAVA_OPT_{place}": option for place, option in enumerate(options)}
told |= {"CLASSPATH": "/opt/spark/classes.jar", "EXECUTOR_MEMORY": "512m", "EXECUTOR_ID": "1", "EXECUTOR_CORES": "1"}
told |= {"DRIVER_URL": "spark://CoarseGrainedScheduler@127.0.0.1:9", "APPLICATION_ID": "app"}
told |= {"EXECUTOR_POD_NAME": "pod", "EXECUTOR_POD_IP": "127.0.0.1", "RESOURCE_PROFILE_ID": "0"}
subprocess.run(["spark-entrypoint", "executor"], env=os.environ | {f"SPARK_{name}": told[name] for name in told})
print(Path("/tmp/executor.log").read_text().count("source: shared objects"))
"""


def test_every_part_of_spark_runs(printed: Callable[..., str]) -> None:
    said = printed("spark", "python3", "-c", PROGRAM).splitlines()
    assert said[-1] == "finished"
    assert [line for line in said if " gives " in line] == []
    assert len([line for line in said if line.endswith(" works")]) == 14


def test_java_maps_its_classes_and_trusts_the_public_roots(printed: Callable[..., str]) -> None:
    said = printed("spark", "python3", "-c", JAVA)
    assert "sharing" in said, f"the class data archive is not used:\n{said}"
    assert said.count("trustedCertEntry") > 100


@pytest.mark.parametrize("image", ["spark", "notebook"])
def test_a_session_maps_its_classes_from_the_archive(printed: Callable[..., str], image: str) -> None:
    mapped, read = map(int, printed(image, "python3", "-c", CLASSES).splitlines()[-1].split())
    assert mapped > 10_000
    assert read < mapped / 20, f"{read} classes were read from jars beside {mapped} mapped ones"
    assert int(printed(image, "python3", "-c", EXECUTOR).splitlines()[-1]) > 2_000


def test_no_jar_holds_libraries_of_another_machine(printed: Callable[..., str]) -> None:
    code = (
        "import pathlib, zipfile\n"
        "for jar in pathlib.Path('/opt/spark/jars').glob('*.jar'):\n"
        "    for name in zipfile.ZipFile(jar).namelist():\n"
        "        if name.endswith(('.dll', '.dylib', '.jnilib')) or 'aarch' in name and name.endswith('.so'):\n"
        "            print(jar.name, name)"
    )
    assert printed("spark", "python3", "-c", code) == ""
