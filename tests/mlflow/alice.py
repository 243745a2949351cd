"""What Alice has in MLflow, made over the REST API, and how others speak to the server."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.mlflow.server import ADMIN, JOBS, Server

API = "/api/2.0/mlflow"


def person(server: Server, user: str) -> httpx.Client:
    """Return a client signed in with a user's hub token."""
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer of-{user}"}, timeout=60)


def account(server: Server, who: tuple[str, str]) -> httpx.Client:
    """Return a client signed in with a password."""
    return httpx.Client(base_url=server.url, auth=who, timeout=60)


def jobs(server: Server) -> httpx.Client:
    """Return a client of the jobs' account."""
    return account(server, JOBS)


def admin(server: Server) -> httpx.Client:
    """Return a client of the administrator."""
    return account(server, ADMIN)


def call(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send a request that must succeed."""
    answer = client.post(path, json=body)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
    sent: dict[str, Any] = answer.json()
    return sent


@dataclass(frozen=True)
class Made:
    """Names and ids of what somebody made."""

    experiment: str
    run: str
    model: str
    prompt: str
    logged_model: str
    trace: str
    assessment: str


def make(client: httpx.Client, owner: str) -> Made:
    """Make an experiment and one of everything that can be in it or beside it."""
    experiment = call(client, f"{API}/experiments/create", {"name": f"users/{owner}"})["experiment_id"]
    run = call(client, f"{API}/runs/create", {"experiment_id": experiment})["run"]["info"]["run_id"]
    call(client, f"{API}/runs/log-metric", {"run_id": run, "key": "loss", "value": 1.0, "timestamp": 1, "step": 0})
    files = client.put(artifact(experiment, run), content=b"hers")
    assert files.status_code == 200, files.text
    model = f"model-of-{owner}"
    call(client, f"{API}/registered-models/create", {"name": model})
    source = f"mlflow-artifacts:/{experiment}/{run}/artifacts/model"
    call(client, f"{API}/model-versions/create", {"name": model, "source": source, "run_id": run})
    call(client, f"{API}/registered-models/alias", {"name": model, "alias": "current", "version": "1"})
    prompt = f"prompt-of-{owner}"
    marked = {"name": prompt, "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}
    call(client, f"{API}/registered-models/create", marked)
    logged = call(client, f"{API}/logged-models", {"experiment_id": experiment, "name": "model"})
    trace = {
        "trace_id": f"tr-{owner}",
        "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}},
        "request_time": "2026-01-01T00:00:00Z",
        "state": "OK",
    }
    call(client, "/api/3.0/mlflow/traces", {"trace": {"trace_info": trace}})
    said = call(client, f"/api/3.0/mlflow/traces/tr-{owner}/assessments", {"assessment": assessment(owner)})
    return Made(
        experiment=experiment,
        run=run,
        model=model,
        prompt=prompt,
        logged_model=logged["model"]["info"]["model_id"],
        trace=f"tr-{owner}",
        assessment=said["assessment"]["assessment_id"],
    )


def assessment(source: str) -> dict[str, Any]:
    """Return a judgement about a trace."""
    who = {"source_type": "HUMAN", "source_id": source}
    return {"assessment_name": "good", "source": who, "feedback": {"value": True}}


def artifact(experiment: str, run: str, name: str = "notes.txt") -> str:
    """Return the address of a file of a run, through the server."""
    return f"/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/{name}"
