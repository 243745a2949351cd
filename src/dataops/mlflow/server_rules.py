"""What MLflow lets everybody do and this platform does not, because it would let one user into what another one made.

MLflow checks who may change an experiment that exists, but not which name or which folder a new one gets. A folder of
somebody else's run would be written with the server's own S3 key, and whoever makes `users/alice` first could let
Alice work in it and own what she does there. Its assistant, demo, gateway to language models and jobs ask for no
more than a log-in and act in the server's name; nobody here needs them.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

from flask import request

USERS_FOLDER = "users/"
"""Where each user's own experiments are: `users/<name>` and what begins with `users/<name>/`."""

_CREATE = "/mlflow/experiments/create"
_UPDATE = "/mlflow/experiments/update"
_CLOSED = re.compile(r"(/(ajax-)?api/[0-9.]+)?(/mlflow)?/(assistant|demo|gateway|jobs)(/|$)")


def refusal(caller: str) -> str | None:
    """Return the sentence that answers the current Flask request, or None when nothing speaks against it.

    Raises:
        MlflowException: The request's body is none that MLflow understands.
    """
    if request.method != "GET" and _CLOSED.match(request.path):
        return "MLflow's assistant, demo, gateway and jobs are no part of this platform."
    if request.method != "POST" or not request.path.endswith((_CREATE, _UPDATE)):
        return None
    sent = _as_mlflow_reads_it()
    if getattr(sent, "artifact_location", ""):
        return "Where artifacts lie is the server's business: make the experiment without artifact_location."
    name: str = sent.name if request.path.endswith(_CREATE) else sent.new_name
    own = USERS_FOLDER + caller
    if name.startswith(USERS_FOLDER) and name != own and not name.startswith(f"{own}/"):
        return f"Experiments under {USERS_FOLDER} carry their owner's name: call it {own} or {own}/<topic>."
    return None


def _as_mlflow_reads_it() -> Any:
    # With MLflow's own parser, so that no spelling of a field is read in two ways; late, only the server has it.
    handlers = importlib.import_module("mlflow.server.handlers")
    messages = importlib.import_module("mlflow.protos.service_pb2")
    kind = messages.CreateExperiment if request.path.endswith(_CREATE) else messages.UpdateExperiment
    return handlers._get_request_message(kind())
