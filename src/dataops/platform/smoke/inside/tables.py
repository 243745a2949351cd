"""Reads silver and gold with Spark and with pyiceberg and compares both with the package's files; runs in a pod."""

import json

from dataops import tables
from dataops.spark.session import create_spark_session
from dataops.testing.flights_expected import compare_gold, compare_silver

COMPARISONS = {"silver.flights": compare_silver, "gold.delays": compare_gold}

differences, rows = {}, {}
for name, compare in COMPARISONS.items():
    frame = tables.read_pandas(name)
    rows[f"{name} by pyiceberg"] = len(frame)
    differences[f"{name} by pyiceberg"] = compare(frame)
    del frame
spark = create_spark_session("smoke-tables")
for name, compare in COMPARISONS.items():
    frame = tables.read(spark, name).toPandas()
    rows[f"{name} by Spark"] = len(frame)
    differences[f"{name} by Spark"] = compare(frame)
    del frame
spark.stop()
print("RESULT " + json.dumps({"rows": rows, "differences": differences}))
