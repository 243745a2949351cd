"""MLflow's client as the platform wants it: `from dataops.mlflow import log_metric, start_run`."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dataops.errors import UserError
from dataops.mlflow._failures import in_one_sentence, sentence
from dataops.mlflow._sender import SENDER

__all__ = ["configured", "flush", "log_metric", "sentence", "start_run"]

if TYPE_CHECKING:
    from mlflow import ActiveRun

    from dataops.config import Settings

# A person waits for an answer: what MLflow would try for four minutes ends in seconds, in a minute and a half at worst.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "30", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"}
_HEALTH_SECONDS = 3.0


def configured() -> Any:
    """Return the module `mlflow`, which knows server, credentials and CA; in a notebook also the user's own experiment.

    Raises:
        UserError: MLFLOW_TRACKING_URI or the credentials are not set, or a notebook finds that MLflow does not answer.
    """
    from dataops.config import Settings, export  # lazily: the server imports this package and needs none of it

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
    _prepare_notebook(settings)
    module = importlib.import_module("mlflow")  # lazily: it takes a second
    module.set_tracking_uri(settings.mlflow_tracking_uri)
    importlib.import_module("dataops.mlflow._tags").register()
    return module


def _prepare_notebook(settings: Settings) -> None:
    from dataops.config import export, variable

    user = variable("JUPYTERHUB_USER")
    if not user:
        return  # a job names its experiment, and rather waits for a server that restarts than fails
    wanted = {"MLFLOW_EXPERIMENT_NAME": f"users/{user}", **_PATIENCE}
    export(**{name: value for name, value in wanted.items() if variable(name) is None})
    _check_health(settings)


def _check_health(settings: Settings) -> None:
    import requests

    address = settings.mlflow_tracking_uri
    bundle = settings.ca_bundle()
    try:
        requests.get(f"{address}/health", timeout=_HEALTH_SECONDS, verify=str(bundle) if bundle else True)
    except requests.RequestException as error:
        raise UserError(
            f"MLflow at {address} does not answer ({type(error).__name__});"
            " everything but MLflow still works, try again in a while"
        ) from None


@contextmanager
def start_run(
    experiment: str | None = None, run_name: str | None = None, tags: Mapping[str, str] | None = None
) -> Iterator[ActiveRun]:
    """Start a run, and end it when the `with` block ends; by then every metric of `log_metric` has arrived.

    Args:
        experiment: Its name; made when it does not exist. In a notebook one's own when left out.
        run_name: The run's name; MLflow invents one when left out.
        tags: Tags of the run, beside those that the platform sets.

    Yields:
        MLflow's run.

    Raises:
        UserError: MLflow does not answer or refuses.
    """
    module = configured()
    with in_one_sentence():
        if experiment:
            module.set_experiment(experiment)
        run = module.start_run(run_name=run_name, tags=dict(tags or {}))
    try:
        yield run
    except BaseException as error:
        SENDER.flush_or_say()  # the block's own error is the one to show
        run.__exit__(type(error), error, error.__traceback__)
        raise
    try:
        flush()
    finally:
        with in_one_sentence():
            run.__exit__(None, None, None)


def log_metric(key: str, value: float, step: int = 0) -> None:
    """Log a metric of the active run without waiting: it is sent within a second, and before the run ends.

    Raises:
        UserError: No run is active, or too many metrics wait because MLflow does not answer.
        MlflowException: MLflow allows no metric of such a name or step.
        ValueError: The value is no number.
    """
    run = sys.modules["mlflow"].active_run() if "mlflow" in sys.modules else None
    if run is None:
        raise UserError("no run is active; log metrics inside of `with dataops.mlflow.start_run():`")
    from mlflow.entities import Metric
    from mlflow.utils.validation import _validate_metric

    now = time.time_ns() // 1_000_000
    number = float(value)
    # here, because the server would refuse all that travel with it
    _validate_metric(key, number, now, step)  # type: ignore[no-untyped-call]  # MLflow types part of itself
    SENDER.add(run.info.run_id, Metric(key, number, now, step))


def flush() -> None:
    """Wait until every metric of `log_metric` has arrived.

    Raises:
        UserError: MLflow does not answer, or refuses some.
    """
    SENDER.flush()
