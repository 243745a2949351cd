"""What a DAG may not be, each as one sentence; `make test` asks it of every file of dags/, in Airflow's environment."""

import ast
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from dataops.pods import SIZES

HEAVY = ("pyspark", "pandas", "numpy", "polars", "duckdb", "mlflow", "sklearn", "pyiceberg", "pyarrow")
JOBS = "dataops-jobs"
_UNITS = {"m": Decimal("0.001"), "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30)}


def complaints(root: Path) -> list[str]:
    """Say what is wrong with the DAGs of a checkout.

    Args:
        root: The repository root.

    Returns:
        One sentence per fault; none when all is well.
    """
    from airflow.dag_processing.dagbag import DagBag

    found = [sentence for path in sorted((root / "dags").glob("*.py")) for sentence in _imports(path)]
    bag = DagBag(str(root / "dags"))
    if not found:  # a file that imports pandas cannot be read here either, and one sentence is enough
        found += [f"dags/{Path(path).name} cannot be read: {_last(text)}" for path, text in bag.import_errors.items()]
    for name, dag in sorted(bag.dags.items()):
        for task in dag.tasks:
            found += [f"DAG {name}, task {task.task_id} {fault}" for fault in _faults(task, root)]
    return found


def _imports(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError:
        return  # Airflow says it, with the line
    for node in tree.body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            if name.split(".")[0] in (*HEAVY, "jobs"):
                yield (
                    f"dags/{path.name} line {node.lineno} imports {name} each time Airflow reads it:"
                    " do the work in a module of jobs/ and name that in a task"
                )


def _faults(task: Any, root: Path) -> Iterator[str]:
    if task.owner in ("", "airflow"):
        yield "has no owner: declare the DAG with daily_dag(..., owner=...), so that somebody is called"
    if not task.execution_timeout:
        yield "may run for ever: declare the DAG with daily_dag(...), or give it an execution_timeout"
    words = list(getattr(task, "arguments", None) or [])
    if "-m" in words:
        module = words[words.index("-m") + 1]
        if not (root / f"{module.replace('.', '/')}.py").is_file():
            yield f"runs {module}, which does not exist: write {module.replace('.', '/')}.py, or correct the name"
    pod = getattr(task, "pod_template_dict", None)
    if pod:
        yield from _too_large(pod["spec"]["containers"][0]["resources"], root)


def _too_large(resources: dict[str, dict[str, str]], root: Path) -> Iterator[str]:
    documents = yaml.safe_load_all((root / "bootstrap.yaml").read_text(encoding="utf-8"))
    (quota,) = [
        one["spec"]["hard"]
        for one in documents
        if one and one["kind"] == "ResourceQuota" and one["metadata"]["namespace"] == JOBS
    ]
    for kind, amounts in resources.items():
        for name, amount in amounts.items():
            allowed = quota.get(f"{kind}.{name}")
            if allowed and _number(amount) > _number(allowed):
                yield (
                    f"asks for {amount} of {kind}.{name} where the quota of {JOBS} holds {allowed}:"
                    f" take a smaller size of {', '.join(SIZES)}, or have an administrator raise it in bootstrap.yaml"
                )
                return


def _number(amount: str) -> Decimal:
    for unit, factor in _UNITS.items():
        if amount.endswith(unit):
            return Decimal(amount.removesuffix(unit)) * factor
    return Decimal(amount)


def _last(text: str) -> str:
    return text.strip().splitlines()[-1]
