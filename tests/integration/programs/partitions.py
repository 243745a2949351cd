"""Writes a table of four days with Spark and reads one of them; its event log says which files were touched."""

import sys
from pathlib import Path

from pyspark import __version__
from pyspark.sql import functions as F

from dataops.config import Settings
from dataops.spark.conf import spark_conf
from dataops.spark.session import create_spark_session

ICEBERG = ("spark.sql.catalog.lake", "spark.sql.extensions")


def main(folder: Path, classpath: str) -> None:
    """Write and read; the table lies in a folder, the rest of the catalog's options are the platform's."""
    known = Settings.model_construct(lake_catalog_uri="postgresql://x:1/x", lake_catalog_user="x")
    ours = spark_conf(known, spark_version=__version__)
    conf = {name: value for name, value in ours.items() if name.startswith(ICEBERG) and ".jdbc." not in name}
    conf |= {
        "spark.sql.catalog.lake.type": "hadoop",
        "spark.sql.catalog.lake.warehouse": (folder / "warehouse").as_uri(),
        "spark.driver.extraClassPath": classpath,
        "spark.ui.enabled": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (folder / "log").as_uri(),
    }
    settings = Settings.model_construct(spark_master_url="local[2]")
    with create_spark_session("partitions", settings=settings, conf=conf) as spark:
        days = spark.range(0, 4000, 1, 8).selectExpr("id", "cast(id % 4 as int) as day")
        days.writeTo("lake.silver.days").partitionedBy(F.col("day")).create()
        # a sum: rows would be counted from the table's metadata alone
        found = spark.table("lake.silver.days").where("day = 2").groupBy().sum("id").collect()
        assert found[0][0] == sum(range(2, 4000, 4))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
