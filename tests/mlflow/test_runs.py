"""Runs as people and jobs make them: where they land, what they say about themselves, what others may load."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.mlflow.alice import API, admin
from tests.mlflow.people import result, run
from tests.mlflow.server import Server, free_port

OWN_RUN = """
from dataops import lineage
from dataops.mlflow import configured

mlflow = configured()
lineage.record("silver.flights", 4711)
with mlflow.start_run() as run:
    lineage.record("s3a://data-lake/bronze/flights")
print(run.info.run_id)
"""
REGISTER = """
from sklearn.dummy import DummyRegressor
from dataops.mlflow import configured, start_run

mlflow = configured()
with start_run():
    model = DummyRegressor(strategy="constant", constant=42.0).fit([[0.0]], [0.0])
    mlflow.sklearn.log_model(
        model, name="model", registered_model_name="answers", serialization_format="cloudpickle", pip_requirements=[]
    )
mlflow.MlflowClient().set_registered_model_alias("answers", "current", "1")
print("registered")
"""
LOAD = """
from dataops.mlflow import configured

mlflow = configured()
print([mlflow.sklearn.load_model(f"models:/answers{which}").predict([[1.0]])[0] for which in ("@current", "/1")])
"""


def stored(server: Server, run_id: str) -> dict[str, Any]:
    """A run as the server has it."""
    found: dict[str, Any] = admin(server).get(f"{API}/runs/get", params={"run_id": run_id}).json()["run"]
    return found


def tags(server: Server, run_id: str) -> dict[str, str]:
    """A run's tags."""
    return {tag["key"]: tag["value"] for tag in stored(server, run_id)["data"]["tags"]}


def experiment(server: Server, run_id: str) -> str:
    """The name of a run's experiment."""
    number = stored(server, run_id)["info"]["experiment_id"]
    found = admin(server).get(f"{API}/experiments/get", params={"experiment_id": number}).json()
    return str(found["experiment"]["name"])


def committed(folder: Path) -> str:
    """Make a folder a Git repository with one commit; return its hash."""
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    for words in (["init", "--quiet"], [*who, "commit", "--quiet", "--allow-empty", "--message=first"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_notebooks_run_lands_in_ones_own_experiment_and_says_where_it_comes_from(
    server: Server, tmp_path: Path
) -> None:
    commit = committed(tmp_path)
    notebook = {"JPY_SESSION_NAME": f"{tmp_path}/trees.ipynb"}
    run_id = result(server.as_notebook("carol") | notebook, OWN_RUN, tmp_path)
    assert experiment(server, run_id) == "users/carol"
    said = tags(server, run_id)
    assert said["mlflow.user"] == "carol"
    assert (said["mlflow.source.name"], said["mlflow.source.type"]) == (f"{tmp_path}/trees.ipynb", "NOTEBOOK")
    assert said["mlflow.source.git.commit"] == commit
    assert said["dataops.data"] == "silver.flights@4711, s3a://data-lake/bronze/flights"
    again = result(server.as_notebook("carol"), OWN_RUN, tmp_path)
    assert experiment(server, again) == "users/carol"


def test_a_job_names_its_experiment_and_is_the_jobs_account(server: Server, tmp_path: Path) -> None:
    code = """
from dataops.mlflow import start_run
with start_run("nightly", tags={"load": "1"}) as run:
    print(run.info.run_id)
"""
    run_id = result(server.as_job(), code, tmp_path)
    assert experiment(server, run_id) == "nightly"
    assert tags(server, run_id)["mlflow.user"] == "mlflow-jobs"
    assert tags(server, run_id)["load"] == "1"


def test_a_model_registered_in_a_notebook_is_loaded_in_a_job(server: Server, tmp_path: Path) -> None:
    assert result(server.as_notebook("carol"), REGISTER, tmp_path) == "registered"
    assert result(server.as_job(), LOAD, tmp_path) == "[42.0, 42.0]"


def test_another_users_experiment_is_refused_in_one_sentence(server: Server, tmp_path: Path) -> None:
    result(server.as_notebook("dora"), OWN_RUN, tmp_path)
    code = "from dataops.mlflow import start_run\nwith start_run('users/dora'): pass"
    _, err = run(server.as_notebook("bob"), code, tmp_path)
    assert err.splitlines()[-1] == (
        f"dataops.errors.UserError: MLflow at {server.url} does not let you do this:"
        " it is not there, or it belongs to somebody else"
    )


def test_no_mlflow_is_one_sentence_and_the_rest_works(tmp_path: Path) -> None:
    nobody = Server(f"http://127.0.0.1:{free_port()}", tmp_path)
    code = """
from IPython.core.interactiveshell import InteractiveShell
from dataops.notebook.failures import handle
from dataops.notebook.lazy import made

shell = InteractiveShell.instance()
shell.push(made())
shell.set_custom_exc((Exception,), handle)
shell.run_cell("mlflow.start_run()")
shell.run_cell("print(6 * 7)")
"""
    out, _ = run(nobody.as_notebook("carol"), code, tmp_path)
    assert out.splitlines() == [
        f"error: MLflow at {nobody.url} does not answer (ConnectionError);"
        " everything but MLflow still works, try again in a while",
        "42",
    ]


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("mlflow.get_run('f' * 32)", "does not let you do this: it is not there, or it belongs to somebody else"),
        ("mlflow.get_experiment('x')", "refused: "),
        ("mlflow.set_experiment('users/eve')", "refused: Experiments under users/ carry their owner's name:"),
    ],
)
def test_what_mlflow_refuses_is_one_sentence(server: Server, tmp_path: Path, cell: str, sentence: str) -> None:
    code = f"""
from IPython.core.interactiveshell import InteractiveShell
from dataops.notebook.failures import handle
from dataops.notebook.lazy import made

shell = InteractiveShell.instance()
shell.push(made())
shell.set_custom_exc((Exception,), handle)
shell.run_cell({cell!r})
"""
    out, _ = run(server.as_notebook("carol"), code, tmp_path)
    assert out.startswith(f"error: MLflow at {server.url} {sentence}") and len(out.splitlines()) == 1
