"""Airflow's API as the checks use it."""

import time
from typing import Any

from dataops.platform.smoke.context import CheckFailed, Context, expect, ok

DAG = "flights"
API = "/api/v2"


class Airflow:
    """A signed-in client of Airflow's API."""

    def __init__(self, context: Context, dag: str = DAG) -> None:
        """Sign in with the first account.

        Args:
            context: The check's context.
            dag: The DAG to run.
        """
        self._dag = dag
        account = {key: context.secret("airflow-admin", key) for key in ("username", "password")}
        self._http = context.http("airflow")
        token = ok(self._http.post("/auth/token", json=account)).json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Any:
        """What the API answers under a path."""
        return ok(self._http.get(f"{API}{path}")).json()

    def wait_for_dag(self, seconds: float) -> None:
        """Wait until the DAG processor has read the DAG, and switch it on."""
        end = time.monotonic() + seconds
        while self._http.get(f"{API}/dags/{self._dag}").status_code != 200:
            broken = self.get("/importErrors")["import_errors"]
            expect(not broken, f"DAG files cannot be read: {[each['filename'] for each in broken]}")
            expect(time.monotonic() < end, f"Airflow knows no DAG {self._dag} after {seconds:.0f} s")
            time.sleep(2)
        ok(self._http.patch(f"{API}/dags/{self._dag}", json={"is_paused": False}))

    def trigger(self) -> str:
        """Start a run and return its name."""
        body = {"logical_date": None}
        return str(ok(self._http.post(f"{API}/dags/{self._dag}/dagRuns", json=body)).json()["dag_run_id"])

    def wait_for_run(self, run: str, seconds: float) -> None:
        """Wait until a run ended in success."""
        end = time.monotonic() + seconds
        while True:
            state = self.get(f"/dags/{self._dag}/dagRuns/{run}")["state"]
            if state == "success":
                return
            tasks = {task["task_id"]: task["state"] for task in self.tasks(run)}
            if state == "failed" or time.monotonic() > end:
                raise CheckFailed(f"run {run} is {state} after its tasks {tasks}")
            time.sleep(2)

    def tasks(self, run: str) -> list[dict[str, Any]]:
        """The task instances of a run."""
        found: list[dict[str, Any]] = self.get(f"/dags/{self._dag}/dagRuns/{run}/taskInstances?limit=100")[
            "task_instances"
        ]
        return found

    def xcom(self, run: str, task: str, index: int) -> float:
        """The number that a mapped task returned."""
        path = f"/dags/{self._dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value?map_index={index}"
        return float(self.get(path)["value"])

    def last_success(self) -> str:
        """The newest run that ended in success."""
        runs = self.get(f"/dags/{self._dag}/dagRuns?state=success&order_by=-run_after&limit=1")["dag_runs"]
        expect(bool(runs), f"no run of {self._dag} ended in success yet")
        return str(runs[0]["dag_run_id"])

    def log(self, run: str, task: str, attempt: int) -> str:
        """The log of a task's attempt."""
        return str(self.get(f"/dags/{self._dag}/dagRuns/{run}/taskInstances/{task}/logs/{attempt}?full_content=true"))
