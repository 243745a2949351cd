"""Airflow without its database; its settings and the facts a DAG needs are set before anything imports it."""

import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "localhost/dataops/spark:test"

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-tests-")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(ROOT / "dags")
os.environ["SPARK_EXECUTOR_IMAGE"] = IMAGE
