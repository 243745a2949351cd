"""Publishes a table with Spark and reads it with Spark and pyiceberg; runs in a job's driver pod."""

import json

from dataops import tables
from dataops.spark.session import create_spark_session

ROWS = 200_000
TABLE = "sandbox.smoke"

spark = create_spark_session("smoke")
frame = spark.range(ROWS).selectExpr("id", "id % 100 AS remainder").repartition(4, "remainder")
tables.publish(frame, TABLE)
by_spark = sum(row["count"] for row in tables.read(spark, TABLE).groupBy("remainder").count().collect())
by_pyiceberg = len(tables.read_pandas(TABLE, columns=["id"]))
spark.stop()
print("RESULT " + json.dumps({"written": ROWS, "spark": by_spark, "pyiceberg": by_pyiceberg}))
