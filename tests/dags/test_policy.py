"""The policy that every DAG keeps, whoever wrote it."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))
BAG = DagBag(str(ROOT / "dags"))
DAGS = [pytest.param(dag, id=name) for name, dag in sorted(BAG.dags.items())]
HEAVY = ("pyspark", "pandas", "numpy", "mlflow", "sklearn", "pyiceberg")


def test_every_file_loads() -> None:
    assert BAG.import_errors == {}
    assert {Path(dag.fileloc).name for dag in BAG.dags.values()} == {path.name for path in FILES}


@pytest.mark.parametrize("dag", DAGS)
def test_the_scheduler_can_read_it_back(dag: DAG) -> None:
    stored = DagSerialization.to_dict(dag)
    assert set(DagSerialization.from_dict(stored).task_ids) == set(dag.task_ids)


@pytest.mark.parametrize("dag", DAGS)
def test_file_and_dag_have_the_same_name(dag: DAG) -> None:
    assert Path(dag.fileloc).stem == dag.dag_id


@pytest.mark.parametrize("dag", DAGS)
def test_somebody_is_called_and_it_can_be_found(dag: DAG) -> None:
    assert dag.tags, f"{dag.dag_id} has no tag"
    assert dag.description, f"{dag.dag_id} has no description"
    for task in dag.tasks:
        assert task.owner not in ("", "airflow"), f"{task.task_id} has no owner"


@pytest.mark.parametrize("dag", DAGS)
def test_a_deployment_starts_no_run_and_runs_never_overlap(dag: DAG) -> None:
    assert dag.catchup is False
    assert dag.max_active_runs == 1
    assert dag.start_date is None, "with a start date Airflow runs the last interval as soon as it sees the DAG"
    assert dag.timetable.run_immediately == timedelta(0)


@pytest.mark.parametrize("dag", DAGS)
def test_tasks_are_tried_again_with_growing_pauses_and_end(dag: DAG) -> None:
    for task in dag.tasks:
        assert task.retries >= 2, task.task_id
        assert task.retry_exponential_backoff, task.task_id
        assert task.execution_timeout, task.task_id


@pytest.mark.parametrize("dag", DAGS)
def test_jobs_of_a_dag_exist(dag: DAG) -> None:
    for task in dag.tasks:
        module = task.arguments[task.arguments.index("-m") + 1]
        assert (ROOT / (module.replace(".", "/") + ".py")).is_file(), f"{dag.dag_id}.{task.task_id}: {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_dag_is_a_short_declaration(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 60


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_parsing_imports_nothing_heavy(path: Path) -> None:
    program = f"import runpy, sys; runpy.run_path({str(path)!r}); print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_table_of_schedules_names_every_dag() -> None:
    table = (ROOT / "dags" / "README.md").read_text()
    assert [name for name in BAG.dags if f"| `{name}` |" not in table] == []
