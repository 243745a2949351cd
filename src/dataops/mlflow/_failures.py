"""What went wrong with MLflow, in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dataops.errors import UserError

if TYPE_CHECKING:
    from mlflow.exceptions import MlflowException

_BODY = re.compile(r"Response body: '(.*)'", re.DOTALL)  # what the server said, when it was no JSON
_LATER = (401, 408, 429)  # a new token or some patience may help


def is_refusal(error: MlflowException) -> bool:
    """Tell whether MLflow answered no, so that asking again is of no use."""
    return 400 <= _status(error) < 500 and _status(error) not in _LATER


def sentence(error: MlflowException) -> str:
    """Return what a person is told."""
    import mlflow
    from mlflow.exceptions import RestException

    server = f"MLflow at {mlflow.get_tracking_uri()}"
    if _status(error) >= 500 and not isinstance(error, RestException):
        return f"{server} does not answer; everything but MLflow still works, try again in a while"
    body = _BODY.search(str(error))
    reason = " ".join((body[1] if body else str(error)).split())[:300]
    if reason == "Permission denied":
        return f"{server} does not let you do this: it is not there, or it belongs to somebody else"
    return f"{server} refused: {reason}"


def _status(error: Any) -> int:
    return int(error.get_http_status_code())


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Turn MLflow's errors into ones for people."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        raise UserError(sentence(error)) from error
