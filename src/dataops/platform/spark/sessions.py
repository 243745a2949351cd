"""All Spark sessions of the platform: whose they are, what they hold, since when they idle; and how one is ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubernetes.client.exceptions import ApiException
from rich.console import Console
from rich.table import Table

from dataops.errors import UserError
from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster
from dataops.spark.executors import Held, held, owner

PROGRAM = Path(__file__).parent / "inside" / "driver.py"
DRIVERS = ("notebook", "driver")
"""Components whose pods hold Spark drivers."""


@dataclass(frozen=True)
class Session:
    """One session.

    Attributes:
        namespace: Where its driver and executors run.
        held: Its executors.
        name: What its application is called; empty when its driver does not answer.
        running_jobs: Spark jobs at work, None when its driver does not answer.
        idle_seconds: Since its last job ended; None when its driver does not answer.
    """

    namespace: str
    held: Held
    name: str = ""
    running_jobs: int | None = None
    idle_seconds: float | None = None


def sessions(cluster: Cluster, environment: Environment) -> list[Session]:
    """Find every session with executors, and every driver that has none at the moment.

    Args:
        cluster: Where to look.
        environment: Names the namespaces.

    Returns:
        The sessions, by namespace.
    """
    found = []
    for namespace in environment.every_namespace:
        answer = cluster.core.list_namespaced_pod(namespace, _preload_content=False)
        pods = json.loads(answer.data)["items"]
        by_application = {one.application: one for one in held(pods)}
        told = {}
        for pod in pods:
            labels = pod["metadata"].get("labels", {})
            if labels.get("app.kubernetes.io/component") in DRIVERS and pod["status"]["phase"] == "Running":
                for one in _ask(cluster, namespace, pod["metadata"]["name"]):
                    told[one["application"]] = one
                    nothing = Held(one["application"], pod["metadata"]["name"], owner(pod), 0, 0, 0, 0)
                    by_application.setdefault(one["application"], nothing)
        for application, amounts in by_application.items():
            said = {name: value for name, value in told.get(application, {}).items() if name != "application"}
            found.append(Session(namespace, amounts, **said))
    return found


def _ask(cluster: Cluster, namespace: str, pod: str) -> list[dict[str, Any]]:
    try:
        said: list[dict[str, Any]] = json.loads(_inside(cluster, namespace, pod))
    except (UserError, ValueError, ApiException):
        return []  # it ends or hangs just now: what it holds is shown without what it does
    return said


def _inside(cluster: Cluster, namespace: str, pod: str, *words: str) -> str:
    return cluster.execute(namespace, pod, ["python", "-c", PROGRAM.read_text(encoding="utf-8"), *words])


def stop(cluster: Cluster, environment: Environment, application: str) -> Session:
    """End a session: its executors go, its event log is closed, and its notebook keeps its other variables.

    Args:
        cluster: Where it runs.
        environment: Names the namespaces.
        application: Its id.

    Returns:
        What it was.

    Raises:
        UserError: No such session runs, or its driver does not answer.
    """
    running = sessions(cluster, environment)
    for one in running:
        if one.held.application == application:
            _inside(cluster, one.namespace, one.held.driver, application)
            return one
    names = ", ".join(sorted(one.held.application for one in running)) or "none"
    raise UserError(f"no session {application} runs; running: {names}")


def show(found: Sequence[Session]) -> None:
    """Print sessions as a table, those that hold the most first, and what they hold together."""
    table = Table(title="Spark sessions")
    for column in ("namespace", "owner", "application", "name"):
        table.add_column(column, overflow="fold")
    for column in ("executors", "waiting", "cores", "memory GiB", "idle"):
        table.add_column(column, justify="right")
    for one in sorted(found, key=lambda one: -one.held.memory):
        amounts = one.held
        numbers = (amounts.running, amounts.waiting, amounts.cores, f"{amounts.memory / 2**30:.1f}", _idle(one))
        table.add_row(one.namespace, amounts.owner, amounts.application, one.name, *map(str, numbers))
    console = Console()
    console.print(table)
    memory = sum(one.held.memory for one in found) / 2**30
    console.print(f"{len(found)} sessions hold {sum(one.held.cores for one in found)} cores and {memory:.1f} GiB")


def _idle(one: Session) -> str:
    if one.idle_seconds is None:
        return "no answer"
    return f"{one.idle_seconds / 60:.0f} min" if not one.running_jobs else f"{one.running_jobs} jobs run"
