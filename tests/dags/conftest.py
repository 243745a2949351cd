"""Airflow without its database; its settings and the facts a DAG needs are set before anything imports it."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "localhost/dataops/spark:test"

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-tests-")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(ROOT / "dags")
os.environ["SPARK_EXECUTOR_IMAGE"] = IMAGE


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Callable[[str], Any]]:
    """Makes Airflow's database, stores the DAGs of a file's text in it and opens a session; all goes again."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.settings import Session
    from airflow.utils.db import initdb

    initdb()
    session = Session()

    def store(text: str) -> Any:
        (tmp_path / "stored.py").write_text(text)
        DagBundlesManager().sync_bundles_to_db(session=session)
        session.commit()
        sync_bag_to_db(DagBag(str(tmp_path)), "dags-folder", None)
        return session

    yield store
    session.rollback()
    session.close()
