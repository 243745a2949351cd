"""`make dag-test DAG=<name>`: serve a bucket on loopback, make a folder for the rest, and let Airflow run the DAG."""

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from dataops.config import environment_names
from dataops.errors import UserError

AIRFLOW = Path(".venv-airflow/bin/python")
BUCKETS = ("data-lake", "dataops-platform")
KEY = "local"


def run_dag(root: Path, dag: str, load: str | None) -> bool:
    """Run every task of a DAG once, without a cluster.

    Args:
        root: The repository root.
        dag: The DAG's name, which is its file's.
        load: The day it stands for; today when not given.

    Returns:
        Whether every task succeeded.

    Raises:
        UserError: There is no such DAG, or Airflow is not installed beside.
    """
    known = sorted(path.stem for path in (root / "dags").glob("*.py"))
    if dag not in known:
        raise UserError(f"DAG={dag} is no file of dags/: choose one of {', '.join(known)}")
    if not (root / AIRFLOW).is_file():
        raise UserError(f"{AIRFLOW} is missing: run `make dag-test DAG={dag}`, which makes it")
    with tempfile.TemporaryDirectory(prefix="dag-test-") as name, _Store() as store:
        environment = _surroundings(root, Path(name), store.url)
        program = [str(root / AIRFLOW), "-m", "dataops.platform.local.scheduler", dag, *([load] if load else [])]
        return subprocess.run(program, cwd=name, env=environment, check=False).returncode == 0


def _surroundings(root: Path, folder: Path, s3: str) -> dict[str, str]:
    """A process's environment in which nothing points at a real place."""
    names = environment_names()
    mine = {
        name: value
        for name, value in os.environ.items()
        if name not in names and not name.startswith(("AIRFLOW", "AWS_", "MLFLOW_"))
    }
    facts = {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(root / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "SPARK_EXECUTOR_IMAGE": "none",
        "SPARK_MASTER_URL": "local[*]",
        "S3_ENDPOINT_URL": s3,
        "S3_ACCESS_KEY_ID": KEY,
        "S3_SECRET_ACCESS_KEY": KEY,
        "DATAOPS_LOCAL_PYTHON": sys.executable,
        "DATAOPS_LOCAL_LAKE": str(folder / "lake"),
        "PYTHONPATH": os.pathsep.join((str(root / "src"), str(root))),
        "MLFLOW_ALLOW_FILE_STORE": "true",  # in a folder that goes again
        "PYTHONWARNINGS": "ignore",
    }
    return mine | facts


class _Store:
    """An S3 store of this process, with the platform's buckets."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)

    def __enter__(self) -> "_Store":
        import boto3

        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each request
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        client = boto3.client(
            "s3", "us-east-1", endpoint_url=self.url, aws_access_key_id=KEY, aws_secret_access_key=KEY
        )
        for bucket in BUCKETS:
            client.create_bucket(Bucket=bucket)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
