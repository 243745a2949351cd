"""The DAGs that the guides write load, and run what the guides say."""

import re
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

DOCS = Path(__file__).parents[2] / "docs"


def load(guide: str, name: str, folder: Path) -> DAG:
    """The DAG of a guide's block."""
    text = (DOCS / guide).read_text(encoding="utf-8")
    (block,) = re.findall(rf"```python\n(# dags/{name}.py\n.*?)```", text, re.DOTALL)
    (folder / f"{name}.py").write_text(block, encoding="utf-8")
    bag = DagBag(str(folder))
    assert bag.import_errors == {}
    dag: DAG = bag.dags[name]
    return dag


def test_the_notebooks_job_is_run(tmp_path: Path) -> None:
    (task,) = load("NOTEBOOK_TO_PIPELINE.md", "late_hours", tmp_path).tasks
    assert task.arguments[:4] == ["python", "-m", "jobs.late_hours", "--load"]


def test_a_check_waits_for_what_it_reads_and_its_statement_exists(tmp_path: Path) -> None:
    fresh, check = load("AIRFLOW_PATTERNS.md", "checked_delays", tmp_path).topological_sort()
    assert fresh.start_from_trigger and fresh.asked["table"] == "gold.delays"
    options = dict(zip(check.arguments[3::2], check.arguments[4::2], strict=True))
    assert options["--reads"].split() == ["silver.flights", "gold.delays"] and "--publish" not in options
    assert (DOCS.parent / f"jobs/sql/{options['--sql']}.sql").is_file()
