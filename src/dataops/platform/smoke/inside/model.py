"""Downloads the current model and predicts a few delays; runs in a job's pod."""

import json

import mlflow
import pandas as pd

from jobs.flights_model import ALIAS, FEATURES, NAME

client = mlflow.MlflowClient()
version = client.get_model_version_by_alias(NAME, ALIAS)
model = mlflow.sklearn.load_model(f"models:/{NAME}@{ALIAS}")
flights = pd.DataFrame(
    [("UA", "EWR", "IAH", 1.0, 5.0, 1.0, 1400.0), ("DL", "LGA", "ATL", 7.0, 18.0, 4.0, 762.0)],
    columns=FEATURES,
)
predictions = [value for value in model.predict(flights) if value == value]
result = {
    "name": NAME,
    "version": version.version,
    "snapshot": version.tags.get("silver_snapshot"),
    "metrics": client.get_run(str(version.run_id)).data.metrics,
    "asked": len(flights),
    "predictions": len(predictions),
}
print("RESULT " + json.dumps(result))
