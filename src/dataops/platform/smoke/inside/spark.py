"""Writes a table with Spark and reads it with Spark and pyiceberg; runs in a job's driver pod."""

import json

from dataops.spark.session import create_spark_session
from dataops.tables import open_catalog

ROWS = 200_000
TABLE = "sandbox.smoke"

spark = create_spark_session()
spark.sql("CREATE NAMESPACE IF NOT EXISTS lake.sandbox")
frame = spark.range(ROWS).selectExpr("id", "id % 100 AS bucket").repartition(4, "bucket")
frame.writeTo(f"lake.{TABLE}").tableProperty("location", "s3a://data-lake/sandbox/_tables/smoke").createOrReplace()
by_spark = spark.table(f"lake.{TABLE}").groupBy("bucket").count().selectExpr("sum(count)").first()[0]
by_pyiceberg = open_catalog().load_table(TABLE).scan().to_arrow().num_rows
spark.stop()
print("RESULT " + json.dumps({"written": ROWS, "spark": by_spark, "pyiceberg": by_pyiceberg}))
