"""The chart's test: a run with an artifact goes through the server as the jobs' account, strangers are refused."""

import base64
import json
import os
import sys
import urllib.error
import urllib.request

URL = f"{os.environ['MLFLOW_TRACKING_URI']}/api/2.0"


def call(path: str, body: dict[str, object] | None = None, *, signed: bool = True) -> dict[str, object]:
    """Send one request; with a body it is a POST."""
    request = urllib.request.Request(f"{URL}/{path}", json.dumps(body).encode() if body is not None else None)
    request.add_header("Content-Type", "application/json")
    if signed:
        account = f"{os.environ['MLFLOW_TRACKING_USERNAME']}:{os.environ['MLFLOW_TRACKING_PASSWORD']}"
        request.add_header("Authorization", "Basic " + base64.b64encode(account.encode()).decode())
    with urllib.request.urlopen(request, timeout=30) as answer:
        model: dict[str, object] = json.load(answer)
    return model


def put_artifact(path: str, content: bytes) -> None:
    """Send a small file through the server to S3, and read it back."""
    account = f"{os.environ['MLFLOW_TRACKING_USERNAME']}:{os.environ['MLFLOW_TRACKING_PASSWORD']}"
    headers = {"Authorization": "Basic " + base64.b64encode(account.encode()).decode()}
    url = f"{URL}/mlflow-artifacts/artifacts/{path}"
    urllib.request.urlopen(urllib.request.Request(url, content, headers, method="PUT"), timeout=60).close()
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        if answer.read() != content:
            sys.exit("error: an artifact came back changed, look at the server's log: kubectl logs deploy/mlflow")


def main() -> None:
    """Run the checks."""
    try:
        call("mlflow/experiments/search?max_results=1", signed=False)
        sys.exit("error: the server answers strangers, look at Secret mlflow-auth, key basic_auth.ini")
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise
    found = call("mlflow/experiments/search?max_results=1000&filter=" + "name%3D'helm-test'").get("experiments")
    if isinstance(found, list) and found:
        experiment = found[0]["experiment_id"]
    else:
        experiment = call("mlflow/experiments/create", {"name": "helm-test"})["experiment_id"]
    run = call("mlflow/runs/create", {"experiment_id": experiment})["run"]
    assert isinstance(run, dict)
    run_id = run["info"]["run_id"]
    put_artifact(f"{experiment}/{run_id}/artifacts/check.txt", b"through the server to S3 and back")
    call("mlflow/runs/delete", {"run_id": run_id})
    print("strangers are refused; a run and its artifact went through")


if __name__ == "__main__":
    main()
