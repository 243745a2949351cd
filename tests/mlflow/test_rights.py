"""Who may do what in MLflow, tried for real: everybody reads, only the maker changes."""

import re
from dataclasses import asdict
from typing import Any

import httpx
import pytest

from tests.mlflow.alice import API, Made, admin, artifact, assessment, call, jobs, make, person
from tests.mlflow.server import Server

V3 = "/api/3.0/mlflow"
AJAX = "/ajax-api/2.0/mlflow"
STARTED = {
    "trace_id": "tr-forged",
    "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "{experiment}"}},
    "request_time": "2026-01-01T00:00:00Z",
    "state": "OK",
}
TAG = {"key": "owner", "value": "bob"}
METRIC = {"key": "loss", "value": 0.0, "timestamp": 2, "step": 1}
# What Bob tries on what Alice made: a name, the method, the path and the body.
ATTEMPTS: list[tuple[str, str, str, dict[str, Any] | None]] = [
    ("log a metric", "POST", f"{API}/runs/log-metric", {"run_id": "{run}", **METRIC}),
    ("log a batch", "POST", f"{API}/runs/log-batch", {"run_id": "{run}", "metrics": [METRIC]}),
    ("log a parameter", "POST", f"{API}/runs/log-parameter", {"run_id": "{run}", "key": "a", "value": "b"}),
    ("log a model into a run", "POST", f"{API}/runs/log-model", {"run_id": "{run}", "model_json": "{{}}"}),
    ("log inputs", "POST", f"{API}/runs/log-inputs", {"run_id": "{run}", "datasets": []}),
    ("log outputs", "POST", f"{API}/runs/outputs", {"run_id": "{run}", "models": []}),
    ("tag a run", "POST", f"{API}/runs/set-tag", {"run_id": "{run}", **TAG}),
    ("tag a run by its old field", "POST", f"{AJAX}/runs/set-tag", {"run_uuid": "{run}", **TAG}),
    ("remove a tag", "POST", f"{API}/runs/delete-tag", {"run_id": "{run}", "key": "mlflow.runName"}),
    ("end a run", "POST", f"{API}/runs/update", {"run_id": "{run}", "status": "FAILED"}),
    ("delete a run", "POST", f"{API}/runs/delete", {"run_id": "{run}"}),
    ("restore a run", "POST", f"{API}/runs/restore", {"run_id": "{run}"}),
    ("make a run in the experiment", "POST", f"{API}/runs/create", {"experiment_id": "{experiment}"}),
    ("rename the experiment", "POST", f"{API}/experiments/update", {"experiment_id": "{experiment}", "new_name": "x"}),
    ("tag the experiment", "POST", f"{API}/experiments/set-experiment-tag", {"experiment_id": "{experiment}", **TAG}),
    ("delete the experiment", "POST", f"{API}/experiments/delete", {"experiment_id": "{experiment}"}),
    ("restore the experiment", "POST", f"{API}/experiments/restore", {"experiment_id": "{experiment}"}),
    ("rename a model", "POST", f"{API}/registered-models/rename", {"name": "{model}", "new_name": "mine"}),
    ("describe a model", "PATCH", f"{API}/registered-models/update", {"name": "{model}", "description": "mine"}),
    ("tag a model", "POST", f"{API}/registered-models/set-tag", {"name": "{model}", **TAG}),
    ("delete a model", "DELETE", f"{API}/registered-models/delete", {"name": "{model}"}),
    (
        "move an alias",
        "POST",
        f"{API}/registered-models/alias",
        {"name": "{model}", "alias": "current", "version": "1"},
    ),
    ("remove an alias", "DELETE", f"{API}/registered-models/alias?name={{model}}&alias=current", None),
    ("add a version", "POST", f"{API}/model-versions/create", {"name": "{model}", "source": "models:/m-1"}),
    ("describe a version", "PATCH", f"{API}/model-versions/update", {"name": "{model}", "version": "1"}),
    (
        "change a version's stage",
        "POST",
        f"{API}/model-versions/transition-stage",
        {"name": "{model}", "version": "1", "stage": "Production", "archive_existing_versions": False},
    ),
    ("delete a version", "DELETE", f"{API}/model-versions/delete", {"name": "{model}", "version": "1"}),
    ("tag a version", "POST", f"{API}/model-versions/set-tag", {"name": "{model}", "version": "1", **TAG}),
    ("change a prompt", "PATCH", f"{API}/registered-models/update", {"name": "{prompt}", "description": "mine"}),
    ("delete a prompt", "DELETE", f"{API}/registered-models/delete", {"name": "{prompt}"}),
    ("write an artifact", "PUT", artifact("{experiment}", "{run}"), None),
    ("write an artifact past another's", "PUT", artifact("99", "../{experiment}/{run}"), None),
    ("delete an artifact", "DELETE", artifact("{experiment}", "{run}"), None),
    ("upload an artifact to a run", "POST", f"{AJAX}/upload-artifact?run_uuid={{run}}&path=x.txt", None),
    (
        "upload an artifact in parts",
        "POST",
        "/api/2.0/mlflow-artifacts/mpu/create/{experiment}/{run}/artifacts/x",
        {"path": "x", "num_parts": 1},
    ),
    ("make a logged model", "POST", f"{API}/logged-models", {"experiment_id": "{experiment}", "name": "mine"}),
    ("tag a logged model", "PATCH", f"{API}/logged-models/{{logged_model}}/tags", {"tags": [TAG]}),
    ("finish a logged model", "PATCH", f"{API}/logged-models/{{logged_model}}", {"status": "LOGGED_MODEL_READY"}),
    ("delete a logged model", "DELETE", f"{API}/logged-models/{{logged_model}}", None),
    ("start a trace", "POST", f"{V3}/traces", {"trace": {"trace_info": STARTED}}),
    ("tag a trace", "PATCH", f"{V3}/traces/{{trace}}/tags", {"trace_id": "{trace}", **TAG}),
    (
        "delete traces",
        "POST",
        f"{API}/traces/delete-traces",
        {"experiment_id": "{experiment}", "request_ids": ["{trace}"]},
    ),
    ("judge a trace", "POST", f"{V3}/traces/{{trace}}/assessments", {"assessment": assessment("bob")}),
    (
        "change a judgement",
        "PATCH",
        f"{V3}/traces/{{trace}}/assessments/{{assessment}}",
        {"assessment": {"assessment_name": "bad"}, "update_mask": "assessmentName"},
    ),
    ("delete a judgement", "DELETE", f"{V3}/traces/{{trace}}/assessments/{{assessment}}", None),
    (
        "link a trace to a run",
        "POST",
        f"{API}/traces/link-to-run",
        {"run_id": "{run}", "trace_ids": ["{trace}"]},
    ),
    ("register a scorer", "POST", f"{V3}/scorers/register", {"experiment_id": "{experiment}", "name": "s"}),
    (
        "make a webhook",
        "POST",
        f"{API}/webhooks",
        {"name": "w", "url": "https://example.com", "events": [{"entity": "REGISTERED_MODEL", "action": "CREATED"}]},
    ),
    ("start a job", "POST", "/ajax-api/3.0/jobs/", {"job_name": "x", "params": {}}),
    (
        "give oneself the right",
        "POST",
        f"{V3}/users/permissions/grant",
        {"username": "bob", "resource_type": "experiment", "resource_id": "{experiment}", "permission": "MANAGE"},
    ),
    ("become the administrator", "PATCH", f"{API}/users/update-admin", {"username": "bob", "is_admin": True}),
    (
        "take an account over",
        "PATCH",
        f"{API}/users/update-password",
        {"username": "mlflow-jobs", "password": "x" * 12},
    ),
    ("make a user", "POST", f"{API}/users/create", {"username": "eve", "password": "x" * 12}),
    ("delete a user", "DELETE", f"{API}/users/delete", {"username": "alice"}),
    ("call a model of others through the server", "POST", f"{V3}/gateway/secrets/create", {"secret_name": "s"}),
]


@pytest.fixture(scope="module")
def alice(server: Server) -> Made:
    """What Alice made; Bob has been here once, so that he is known."""
    person(server, "bob").get(f"{API}/experiments/search?max_results=1")
    return make(person(server, "alice"), "alice")


@pytest.fixture(scope="module")
def untouched(server: Server, alice: Made) -> Any:
    """Everything of Alice's before anybody tried anything."""
    return state(server, alice)


def filled(value: Any, made: Made) -> Any:
    """Put Alice's ids into an attempt."""
    if isinstance(value, dict):
        return {key: filled(inner, made) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, made) for inner in value]
    return value.format(**asdict(made)) if isinstance(value, str) else value


def state(server: Server, made: Made) -> Any:
    """Everything of Alice's, as the administrator sees it."""
    client = admin(server)
    addresses = [
        f"{API}/runs/get?run_id={made.run}",
        f"{API}/experiments/get?experiment_id={made.experiment}",
        f"{API}/registered-models/get?name={made.model}",
        f"{API}/registered-models/get?name={made.prompt}",
        f"{API}/model-versions/get?name={made.model}&version=1",
        f"{API}/logged-models/{made.logged_model}",
        f"{V3}/traces/{made.trace}",
        f"{API}/artifacts/list?run_id={made.run}",
        artifact(made.experiment, made.run),
    ]
    return [(answer.status_code, answer.text) for answer in map(client.get, addresses)]


@pytest.mark.parametrize(("method", "path", "body"), [one[1:] for one in ATTEMPTS], ids=[one[0] for one in ATTEMPTS])
def test_one_user_changes_nothing_of_another(
    server: Server, alice: Made, untouched: Any, method: str, path: str, body: dict[str, Any] | None
) -> None:
    sent: dict[str, Any] = {"json": filled(body, alice)} if body is not None else {"content": b"bob was here"}
    answer = person(server, "bob").request(method, filled(path, alice), **sent)
    assert answer.status_code == 403, f"{answer.status_code} {answer.text}"
    assert state(server, alice) == untouched


def test_each_attempt_goes_to_a_real_address(routes: dict[str, str]) -> None:
    patterns = [re.compile(re.sub(r"<[^>]+>|{[^}]+}", "[^?]+", route)) for route in routes]
    lost = [
        name
        for name, method, path, _ in ATTEMPTS
        if not any(pattern.fullmatch(f"{method} {path.split('?')[0]}".replace("../", "")) for pattern in patterns)
    ]
    assert not lost, f"no route of the server is meant, so that the refusal says nothing: {lost}"


def test_the_attempts_on_her_work_are_ones_that_she_may_make(server: Server, alice: Made) -> None:
    mine = person(server, "alice")
    call(mine, f"{API}/runs/log-metric", {"run_id": alice.run, **METRIC})
    call(mine, f"{API}/runs/set-tag", {"run_id": alice.run, "key": "a", "value": "b"})
    call(mine, f"{API}/registered-models/alias", {"name": alice.model, "alias": "current", "version": "1"})
    call(mine, f"{V3}/traces/{alice.trace}/assessments", {"assessment": assessment("alice")})


def test_everybody_reads(server: Server, alice: Made) -> None:
    for client in (person(server, "bob"), jobs(server)):
        found = client.get(f"{API}/runs/get", params={"run_id": alice.run})
        assert found.status_code == 200 and found.json()["run"]["info"]["run_id"] == alice.run
        assert client.get(artifact(alice.experiment, alice.run)).content == b"hers"
        version = client.get(f"{API}/registered-models/alias", params={"name": alice.model, "alias": "current"})
        assert version.status_code == 200 and version.json()["model_version"]["version"] == "1"


def test_jobs_publish_what_is_theirs_and_leave_people_alone(server: Server, alice: Made) -> None:
    client = jobs(server)
    experiment = call(client, f"{API}/experiments/create", {"name": "flight-delays"})["experiment_id"]
    call(client, f"{API}/runs/create", {"experiment_id": experiment})
    call(client, f"{API}/registered-models/create", {"name": "flight-delays"})
    refused = client.post(f"{API}/runs/set-tag", json={"run_id": alice.run, "key": "a", "value": "b"})
    assert refused.status_code == 403
    assert person(server, "alice").post(f"{API}/runs/create", json={"experiment_id": experiment}).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"artifact_location": "mlflow-artifacts:/{experiment}/{run}/artifacts"},
        {"artifactLocation": "file:///{experiment}"},
        {"artifact_location": "s3://data-lake/mlflow/{experiment}/{run}/artifacts"},
    ],
    ids=str,
)
def test_nobody_chooses_where_the_server_writes(server: Server, alice: Made, body: dict[str, str]) -> None:
    for client in (person(server, "bob"), jobs(server)):
        answer = client.post(f"{API}/experiments/create", json={"name": f"elsewhere {body}", **filled(body, alice)})
        assert (answer.status_code, answer.text[:30]) == (403, "Where artifacts lie is the ser")


def test_nobody_takes_the_name_of_another_users_experiment(server: Server) -> None:
    client = person(server, "bob")
    own = call(client, f"{API}/experiments/create", {"name": "users/bob/trees"})["experiment_id"]
    taken = "Experiments under users/ carry their owner's name: call it users/bob or users/bob/<topic>.\n"

    def said(path: str, **request: Any) -> str:
        answer: httpx.Response = client.post(f"{API}/experiments/{path}", **request)
        assert answer.status_code == 403, answer.text
        return answer.text

    assert said("create", json={"name": "users/carol"}) == taken
    assert said("create", json={"name": "users/bobby"}) == taken
    assert said("create", json='{"name": "users/carol"}') == taken  # encoded twice, which MLflow reads too
    assert said("update", json={"experiment_id": own, "new_name": "users/carol"}) == taken
    assert said("update", json={"experiment_id": own, "newName": "users/carol"}) == taken
    call(client, f"{API}/experiments/create", {"name": "users-of-trees"})
