"""MLflow's server as the chart starts it, on loopback, with a folder in place of S3 and PostgreSQL."""

import configparser
import json
import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.charts.harness import CHARTS, ROOT, Variant, read_yaml, render

PYTHON = ROOT / ".venv-mlflow/bin/python"  # what locks/mlflow-<version>.txt says, as in the image; made by `make test`
PROGRAM = CHARTS / "mlflow/files/serve.py"
ADMIN = ("admin", "password-of-the-admin")
JOBS = ("mlflow-jobs", "password-of-the-jobs")
START_SECONDS = 180  # the first start on a machine compiles MLflow


@dataclass(frozen=True)
class Server:
    """Where a started server is."""

    url: str
    folder: Path

    def as_notebook(self, user: str) -> dict[str, str]:
        """Return the environment of a user's notebook."""
        return {"MLFLOW_TRACKING_URI": self.url, "MLFLOW_TRACKING_TOKEN": f"of-{user}", "JUPYTERHUB_USER": user}

    def as_job(self) -> dict[str, str]:
        """Return the environment of a job."""
        names = ("MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
        return dict(zip(names, (self.url, *JOBS), strict=True))


class Hub(BaseHTTPRequestHandler):
    """A hub that knows everybody's token: `of-<name>`."""

    def do_GET(self) -> None:  # noqa: N802  # the base class's name
        self.send_response(200)
        self.end_headers()
        name = self.headers["Authorization"].removeprefix("token of-")
        self.wfile.write(json.dumps({"kind": "user", "name": name}).encode())

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@contextmanager
def served(folder: Path, port: int = 0, store: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start a hub and MLflow's server, and stop both at the end; without a store all is kept in the folder."""
    hub = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    made = Server(f"http://127.0.0.1:{port or free_port()}", folder)
    hub_url = f"http://127.0.0.1:{hub.server_port}/hub/api"
    variables = {**environment(made), "JUPYTERHUB_API_URL": hub_url, **(store or {})}
    words = [str(PYTHON), str(PROGRAM), "--app-name=basic-auth", "--workers=1", "--host=127.0.0.1"]
    assert PYTHON.exists(), "MLflow's server is not installed here: run make .venv-mlflow"
    with (folder / "server.log").open("a") as log:
        process = subprocess.Popen([*words, f"--port={made.url.split(':')[-1]}"], env=variables, stdout=log, stderr=log)
    try:
        _wait(process, made)
        yield made
    finally:
        process.kill()  # it keeps nothing in memory that would need a farewell
        process.wait()
        hub.shutdown()
        hub.server_close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(made: Server) -> dict[str, str]:
    """The chart's own switches, and what is different without a cluster."""
    (deployment,) = (one for one in render(Variant("mlflow", "local")) if one["kind"] == "Deployment")
    env = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    switches = {one["name"]: one["value"] for one in env if one["name"].startswith("MLFLOW_") and "value" in one}
    return switches | {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "src"),
        "MLFLOW_AUTH_CONFIG_PATH": str(_log_in(made.folder)),
        "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{made.folder}/mlflow.db",
        "MLFLOW_ARTIFACTS_DESTINATION": str(made.folder / "artifacts"),
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "signs the forms",
        "MLFLOW_SERVER_ALLOWED_HOSTS": made.url.removeprefix("http://"),
        "MLFLOW_TRACKING_PASSWORD": JOBS[1],
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def _log_in(folder: Path) -> Path:
    """Write the chart's basic_auth.ini with a database and a password of ours."""
    (secret,) = (one for one in read_yaml(CHARTS / "mlflow/secrets.yaml") if one["name"] == "mlflow-auth")
    config = configparser.RawConfigParser()
    config.read_string(secret["keys"]["basic_auth.ini"]["value"])
    config["mlflow"].update({"database_uri": f"sqlite:///{folder}/auth.db", "admin_password": ADMIN[1]})
    path = folder / "basic_auth.ini"
    with path.open("w") as file:
        config.write(file)
    return path


def _wait(process: subprocess.Popen[bytes], made: Server) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{made.url}/health", timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError((made.folder / "server.log").read_text()[-3000:])
