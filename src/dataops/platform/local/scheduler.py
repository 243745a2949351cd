"""Airflow's part of a local run, in .venv-airflow: a database that goes again, and jobs as processes."""

import logging
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

from dataops.config import variable

RUNNER = "dataops.platform.local.job"


def main(dag_id: str, load: str | None = None) -> int:
    """Run a DAG and print what became of each task.

    Args:
        dag_id: Its name.
        load: The day it stands for; today when not given.

    Returns:
        The exit code.
    """
    from airflow.dag_processing.dagbag import DagBag
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
    from airflow.utils.db import initdb

    logging.getLogger("alembic").setLevel(logging.WARNING)
    initdb()
    KubernetesPodOperator.execute = _execute
    bag = DagBag()
    if dag_id not in bag.dags:
        reasons = [text.strip().splitlines()[-1] for text in bag.import_errors.values()]
        print(f"error: DAG {dag_id} cannot be read: {'; '.join(reasons) or 'no file declares it'}", file=sys.stderr)
        return 1
    dag = bag.dags[dag_id]
    dag.deadline = None  # dag.test() of Airflow 3.3 stumbles over one, and nobody is called for a run here
    for task in dag.tasks:
        task.retries = 0  # what fails here fails again in the same way
    begin = time.monotonic()
    day = datetime.fromisoformat(load) if load else datetime.now(UTC)
    run = dag.test(logical_date=day.replace(tzinfo=UTC))
    for task in sorted(run.get_task_instances(), key=lambda one: (one.start_date is None, one.start_date)):
        print(f"{task.state or 'not run':16} {task.duration or 0:6.1f} s  {task.task_id}")
    print(f"{dag_id} for {day:%Y-%m-%d}: {run.state} after {time.monotonic() - begin:.0f} s, on this machine only")
    return 0 if run.state == "success" else 1


def _execute(operator: Any, context: Any) -> None:
    """Run the job's module as a process of .venv, where Airflow would start a pod."""
    python, _, *command = operator.arguments
    done = subprocess.run([variable("DATAOPS_LOCAL_PYTHON") or python, "-m", RUNNER, *command], check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with code {done.returncode}; its reason is above")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
