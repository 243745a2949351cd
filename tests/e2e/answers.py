"""What the servers' pages and APIs tell a signed-in person, as texts with the names of their places."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx

from dataops.platform.smoke.airflow import Airflow
from dataops.platform.smoke.context import Context, ok
from tests.e2e.haystacks import Texts

PAGE = 100


def spark_history(platform: Context) -> Texts:
    """The environment of each application and its event log as the history server hands it out."""
    with httpx.Client(base_url=f"{platform.url('history')}/api/v1", timeout=60) as http:
        for application in ok(http.get("/applications")).json():
            name = application["id"]
            yield f"environment of {name}", ok(http.get(f"/applications/{name}/environment")).text
            with zipfile.ZipFile(io.BytesIO(ok(http.get(f"/applications/{name}/logs")).content)) as archive:
                for part in archive.namelist():
                    yield f"event log of {name}, {part}", archive.read(part).decode(errors="replace")


def airflow(platform: Context) -> Texts:
    """Every run's tasks with their rendered templates, results and logs, and who did what."""
    client = Airflow(platform)
    for dag in _pages(client, "/dags", "dags"):
        for run in _pages(client, f"/dags/{dag['dag_id']}/dagRuns", "dag_runs"):
            tasks = f"/dags/{dag['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances"
            yield tasks.removesuffix("/taskInstances"), json.dumps(run)
            for task in _pages(client, tasks, "task_instances"):
                place = f"{tasks}/{task['task_id']}"
                yield place, json.dumps(task)
                for result in _pages(client, f"{place}/xcomEntries", "xcom_entries"):
                    yield f"{place}/xcomEntries", json.dumps(client.get(f"{place}/xcomEntries/{result['key']}"))
                # not counted up to: of a pod lost before its task began, Airflow keeps no attempt
                for attempt in client.get(f"{place}/tries")["task_instances"]:
                    log = f"{place}/logs/{attempt['try_number']}"
                    yield log, json.dumps(client.get(f"{log}?full_content=true"))
    for listing, key in (("eventLogs", "event_logs"), ("connections", "connections"), ("variables", "variables")):
        yield f"/{listing}", json.dumps(list(_pages(client, f"/{listing}", key)))


def _pages(client: Airflow, path: str, key: str) -> Iterator[dict[str, Any]]:
    begin, total = 0, 1
    while begin < total:
        answer = client.get(f"{path}?limit={PAGE}&offset={begin}")
        yield from answer[key]
        begin, total = begin + PAGE, answer["total_entries"]


def mlflow(platform: Context) -> Texts:
    """Runs with their parameters and tags, and the registered models."""
    account = ("admin", platform.secret("mlflow-auth", "admin-password"))
    with httpx.Client(base_url=f"{platform.url('mlflow')}/api/2.0/mlflow", auth=account, timeout=60) as http:
        found = ok(http.get("/experiments/search", params={"max_results": 1000, "view_type": "ALL"})).json()
        for experiment in found["experiments"]:
            yield f"experiment {experiment['name']}", json.dumps(experiment)
            query = {"experiment_ids": [experiment["experiment_id"]], "max_results": 10000, "run_view_type": "ALL"}
            for run in ok(http.post("/runs/search", json=query)).json().get("runs", []):
                yield f"run {run['info']['run_id']}", json.dumps(run)
        for listing in ("registered-models", "model-versions"):
            yield listing, ok(http.get(f"/{listing}/search", params={"max_results": 1000})).text
