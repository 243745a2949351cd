"""A file, a table and a model as a job finds them, the file made when told to `plant` it; runs in a job's pod."""

import json
import sys
from hashlib import sha256

import mlflow
import pandas as pd

from dataops import tables
from dataops.s3 import S3Client
from jobs.flights_model import ALIAS, FEATURES, NAME

TABLE = "silver.flights"
FILE = "sandbox/sentinel.parquet"
FLIGHT = ("UA", "EWR", "IAH", 1.0, 5.0, 1.0, 1400.0)

store, registry = S3Client(), mlflow.MlflowClient()
if "plant" in sys.argv:
    store.write_parquet(pd.DataFrame({"number": range(1000)}), FILE)
version = registry.get_model_version_by_alias(NAME, ALIAS)
model = mlflow.sklearn.load_model(f"models:/{NAME}/{version.version}")
result = {
    "file": sha256(store.read_bytes(FILE)).hexdigest(),
    "snapshot": tables.current_snapshot(TABLE),
    "rows": len(tables.read_pandas(TABLE, columns=["carrier"])),
    "version": version.version,
    "metrics": registry.get_run(str(version.run_id)).data.metrics,
    "predictions": list(model.predict(pd.DataFrame([FLIGHT], columns=FEATURES))),
}
print("RESULT " + json.dumps(result))
