"""What a person leaves in every store of the platform, to be found again later: a missing part shows by its name."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from dataops.platform.smoke.airflow import DAG, Airflow
from dataops.platform.smoke.checks import pipeline, task_log
from dataops.platform.smoke.context import Context, ok
from dataops.platform.smoke.hub import Hub
from dataops.platform.smoke.pods import run_in_server, run_pod
from dataops.pods import job_pod

INSIDE = Path(__file__).parent / "inside"
WORDS = "a file of somebody"
HOME_FILE = "/home/dataops/sentinel.txt"
SECONDS = 240


class Sentinels:
    """Traces of a person, who stays logged in everywhere."""

    def __init__(self, platform: Context) -> None:
        """Leave them.

        Args:
            platform: A running platform that was just installed.
        """
        self._platform = platform
        pipeline.check(platform)
        self._browser, self._airflow = Hub(platform).browser, Airflow(platform)
        self._mlflow = platform.http("mlflow", auth=("admin", platform.secret("mlflow-auth", "admin-password")))
        self._run = self._airflow.last_success()
        self._home(f"print(open({HOME_FILE!r}, 'w').write({WORDS!r}))")
        self._row("plant")
        self._lake("plant")

    def found(self) -> dict[str, Any]:
        """What is there now, by its place."""
        return {
            "row in PostgreSQL": self._row("read"),
            "file at home": self._home(f"print(open({HOME_FILE!r}).read())"),
            "lake and registry": self._lake("read"),
            "DAG run": {task["task_id"]: task["state"] for task in self._airflow.tasks(self._run)},
            "task log": self._log(),
            # by the cookie, the token and the password of the time when they were left
            "log-in to JupyterHub": ok(self._browser.get("/hub/home")).url.path,
            "log-in to Airflow": self._airflow.get(f"/dags/{DAG}/dagRuns/{self._run}")["state"],
            "log-in to MLflow": ok(self._mlflow.get("/api/2.0/mlflow/registered-models/search")).status_code,
        }

    def _row(self, word: str) -> str:
        program = (INSIDE / "row.py").read_text(encoding="utf-8")
        return run_in_server(self._platform, "mlflow", "server", ["dataops-entrypoint", "python", "-c", program, word])

    def _home(self, code: str) -> str:
        """Run code in a server that is started for it, with the user's volume."""
        hub = Hub(self._platform)
        with hub.server():
            return hub.run(code, SECONDS)

    def _lake(self, word: str) -> dict[str, Any]:
        pod = job_pod(image=self._platform.job_image, component="task", size="medium", spark=False)
        program = (INSIDE / "lake.py").read_text(encoding="utf-8")
        pod["spec"]["containers"][0]["args"] = ["python", "-c", program, word]
        pod["metadata"]["generateName"] = "sentinel-"
        return run_pod(self._platform, pod, SECONDS)

    def _log(self) -> str:
        """The log of one task, by its hash."""
        task = next(one for one in self._airflow.tasks(self._run) if one["task_id"] == task_log.TASK)
        text = self._airflow.log(self._run, task_log.TASK, task["try_number"])
        assert task_log.EXPECTED in text
        return sha256(text.encode()).hexdigest()
