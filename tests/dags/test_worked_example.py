"""The DAG of docs/NOTEBOOK_TO_PIPELINE.md loads and runs the job that the guide writes."""

import re
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

GUIDE = Path(__file__).parents[2] / "docs" / "NOTEBOOK_TO_PIPELINE.md"


def test_it_loads(tmp_path: Path) -> None:
    (block,) = re.findall(r"```python\n(# dags/late_hours.py\n.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "late_hours.py").write_text(block, encoding="utf-8")
    bag = DagBag(str(tmp_path))
    assert bag.import_errors == {}
    (task,) = bag.dags["late_hours"].tasks
    assert task.arguments[:4] == ["python", "-m", "jobs.late_hours", "--load"]
