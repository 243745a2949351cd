"""The policy that every DAG keeps, whoever wrote it."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from dataops.platform.dagcheck import complaints

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
    if dag.timetable.can_be_scheduled:
        assert dag.timetable.run_immediately == timedelta(0)


@pytest.mark.parametrize("dag", DAGS)
def test_tasks_are_tried_again_with_growing_pauses_and_end(dag: DAG) -> None:
    for task in dag.tasks:
        assert task.retries >= 2, task.task_id
        assert task.retry_exponential_backoff, task.task_id
        assert task.execution_timeout, task.task_id


def test_nobody_has_a_complaint() -> None:
    assert complaints(ROOT) == []


def broken(tmp_path: Path, text: str) -> list[str]:
    """What is said about one more DAG file."""
    (tmp_path / "dags").mkdir()
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/there.py").touch()
    shutil.copy(ROOT / "bootstrap.yaml", tmp_path)
    (tmp_path / "dags/broken.py").write_text(text)
    return complaints(tmp_path)


HEAD = """
from airflow.sdk import DAG
from dataops.airflow import daily_dag, python_task
with daily_dag("broken", owner="someone", description="Broken.", tags=["test"]):
    first = python_task("first", module="jobs.there")
"""


def test_a_good_dag_gets_no_complaint(tmp_path: Path) -> None:
    assert broken(tmp_path, HEAD) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "import pandas as pd\n" + HEAD,
            "dags/broken.py line 1 imports pandas each time Airflow reads it: do the work",
        ),
        ("from jobs.there import x\n" + HEAD, "dags/broken.py line 1 imports jobs.there each time Airflow reads it"),
        (
            HEAD + "    second = python_task('second', module='jobs.there')\n    first >> second >> first",
            "Cycle detected",
        ),
        (HEAD + "    python_task('second', module='jobs.gone')", "task second runs jobs.gone, which does not exist"),
        (HEAD + "    first.owner = 'airflow'", "task first has no owner: declare the DAG with daily_dag"),
        (HEAD + "    first.execution_timeout = None", "task first may run for ever"),
        (HEAD + "    python_task('second', module='jobs.there', size='huge')", "task second: size 'huge' is unknown"),
        (
            HEAD + "    first.pod_template_dict['spec']['containers'][0]['resources']['limits']['memory'] = '99Gi'",
            "task first asks for 99Gi of limits.memory where the quota of dataops-jobs holds 64Gi",
        ),
        (HEAD + "with nobody:", "dags/broken.py cannot be read:"),
    ],
    ids=["pandas", "job", "cycle", "no-job", "no-owner", "no-end", "no-size", "quota", "syntax"],
)
def test_a_dag_that_may_not_be_gets_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (said,) = broken(tmp_path, text)
    assert sentence in said and "\n" not in said


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
