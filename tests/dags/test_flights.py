"""The sample pipeline: each stage runs after the one whose result it reads."""

from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

DAG = DagBag(str(Path(__file__).resolve().parents[2] / "dags" / "flights.py")).dags["flights"]


def test_each_stage_waits_for_the_one_it_reads() -> None:
    waits = {task.task_id: task.upstream_task_ids for task in DAG.tasks}
    assert waits == {"bronze": set(), "silver": {"bronze"}, "gold": {"silver"}, "model": {"gold"}}


def test_every_stage_gets_the_same_load() -> None:
    loads = {task.task_id: task.arguments[task.arguments.index("--load") + 1] for task in DAG.tasks}
    assert len(set(loads.values())) == 1, loads


def test_one_stage_is_told_to_show_that_spark_works() -> None:
    assert DAG.task_dict["silver"].arguments[-2:] == ["--engine", "spark"]
