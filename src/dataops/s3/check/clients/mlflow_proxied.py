"""MLflow's server as the way to the store: what notebooks and jobs use."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dataops.config import Settings
from dataops.s3.check.clients.trial import BODY, attempt
from dataops.s3.check.findings import Finding, Status

TITLE, ORDER, NEEDS, WHERE = "mlflow-proxied", 60, "mlflow", "make s3-check, which runs in the pod of a job"
EXPERIMENT = "s3-check"
_CONSEQUENCE = "runs cannot keep models and files"


def probe(settings: Settings, folder: str) -> Iterator[Finding]:
    """Keep a file with a run, fetch it, and delete it and the run; the experiment stays for the next check."""
    if not settings.mlflow_tracking_uri:
        yield Finding(
            TITLE, Status.NOT_CHECKED, "MLFLOW_TRACKING_URI is not set here", "nothing is known about it", WHERE
        )
        return
    from mlflow import MlflowClient
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    def work() -> bytes:
        client = MlflowClient(settings.mlflow_tracking_uri)
        known = client.get_experiment_by_name(EXPERIMENT)
        experiment = known.experiment_id if known else client.create_experiment(EXPERIMENT)
        run = client.create_run(experiment, run_name=folder.split("/")[-3])
        try:
            with tempfile.TemporaryDirectory() as name:
                path = Path(name) / "artifact"
                path.write_bytes(BODY)
                client.log_artifact(run.info.run_id, str(path))
                path.unlink()
                client.download_artifacts(run.info.run_id, "artifact", name)
                read = path.read_bytes()
            repository: Any = get_artifact_repository(run.info.artifact_uri, settings.mlflow_tracking_uri)
            repository.delete_artifacts("artifact")
        finally:
            client.delete_run(run.info.run_id)
        return read

    yield attempt(TITLE, work, consequence=_CONSEQUENCE)
