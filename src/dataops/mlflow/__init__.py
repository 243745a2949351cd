"""MLflow's client with the platform's address and CA: `from dataops.mlflow import start_run`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow import ActiveRun


def configured() -> Any:
    """Return the module `mlflow`, which knows server, credentials and CA.

    Raises:
        UserError: MLFLOW_TRACKING_URI or the credentials are not set.
    """
    from dataops.config import Settings, export  # lazily: the server imports this package and needs none of it
    from dataops.errors import UserError

    settings = Settings.load()
    if not settings.mlflow_tracking_uri:
        raise UserError("MLFLOW_TRACKING_URI is not set; give the pod the ConfigMap dataops-env")
    password = settings.mlflow_tracking_username and settings.mlflow_tracking_password
    if not (password or settings.mlflow_tracking_token):
        raise UserError(
            "MLFLOW_TRACKING_TOKEN is not set, nor a user and password; give the pod the Secret mlflow-jobs"
        )
    if bundle := settings.ca_bundle():
        export(MLFLOW_TRACKING_SERVER_CERT_PATH=str(bundle))
    module = importlib.import_module("mlflow")  # lazily: it takes a second
    module.set_tracking_uri(settings.mlflow_tracking_uri)
    return module


def start_run(experiment: str, run_name: str | None = None) -> ActiveRun:
    """Start a run of an experiment, which is made when it does not exist; use it in a `with` statement.

    Raises:
        UserError: the server cannot be reached or refuses the credentials.
    """
    module = configured()
    from dataops.errors import UserError
    from mlflow.exceptions import MlflowException

    try:
        module.set_experiment(experiment)
        run: ActiveRun = module.start_run(run_name=run_name)
    except MlflowException as error:
        reason = str(error).splitlines()[0][:300]
        raise UserError(
            f"MLflow at {module.get_tracking_uri()} refused experiment {experiment} ({reason});"
            " check MLFLOW_TRACKING_URI and the credentials"
        ) from error
    return run
