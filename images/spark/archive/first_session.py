"""Run a session as short as a notebook's first cell, and have Java write down each class that it loads."""

import sys
import tempfile

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

# a session on the cluster needs these before its first result; there is no store, catalog or cluster in a build
LATER = (
    "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "org.apache.iceberg.jdbc.JdbcCatalog",
    "org.apache.iceberg.spark.SparkCatalog",
    "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol",
    "org.apache.spark.scheduler.cluster.k8s.KubernetesClusterManager",
    "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend",
    "org.postgresql.Driver",
)


def main(jars: str, classes: str) -> None:
    """Write the list of classes.

    Args:
        jars: The jar that lists Spark's.
        classes: The file to write.
    """
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "spark.master": "local[2]",
            "spark.app.name": "build",
            "spark.ui.port": "0",
            "spark.local.dir": folder,
            "spark.sql.warehouse.dir": folder,
            "spark.driver.extraClassPath": jars,
            "spark.driver.extraJavaOptions": f"-XX:+UseSerialGC -Xshare:off -XX:DumpLoadedClassList={classes}",
            "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        }
        session = SparkSession(SparkContext(conf=SparkConf().setAll(list(options.items()))))
        session.range(10).count()
        session.sql("select id % 7 as k, count(*) as n from range(1000) group by 1").collect()
        gateway = SparkContext._gateway
        for name in LATER:
            gateway.jvm.java.lang.Class.forName(name)
        session.stop()
        # the list is whole when Java has ended, which it does with its input
        gateway.proc.stdin.close()
        gateway.proc.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
