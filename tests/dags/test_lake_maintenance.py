"""The lake's own DAG: a refused declaration holds up no maintenance."""

from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

DAG = DagBag(str(Path(__file__).resolve().parents[2] / "dags" / "lake_maintenance.py")).dags["lake_maintenance"]


def test_neither_task_waits_for_the_other() -> None:
    assert {task.task_id: task.upstream_task_ids for task in DAG.tasks} == {"tables": set(), "maintenance": set()}
