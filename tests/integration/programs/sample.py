"""The sample pipeline in one pod: each job as a task starts it, then the tables beside the package's own figures."""

import json
import subprocess
import sys

from dataops.mlflow import configured
from dataops.tables import read_pandas
from dataops.testing.flights_expected import compare_gold, compare_silver

LOAD = "2013-12-31"
JOBS = ("flights_bronze", "flights_silver --engine=spark", "flights_gold", "flights_model")

for job in JOBS:
    name, *engine = job.split()
    subprocess.run([sys.executable, "-m", f"jobs.{name}", f"--load={LOAD}", *engine], check=True)

model = configured().sklearn.load_model("models:/flight-delays@current")
print(
    "RESULT "
    + json.dumps(
        {
            "silver": compare_silver(read_pandas("silver.flights")),
            "gold": compare_gold(read_pandas("gold.delays")),
            "model": type(model).__name__,
        }
    )
)
