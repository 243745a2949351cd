"""What every run says about itself: who, which notebook, which commit, which data."""

from __future__ import annotations

from pathlib import Path

import mlflow
from mlflow.entities import RunTag
from mlflow.tracking.context.abstract_context import RunContextProvider
from mlflow.tracking.context.registry import _run_context_provider_registry as registry
from mlflow.utils.git_utils import get_git_commit
from mlflow.utils.mlflow_tags import MLFLOW_GIT_COMMIT, MLFLOW_SOURCE_NAME, MLFLOW_SOURCE_TYPE, MLFLOW_USER

from dataops import lineage
from dataops.config import variable
from dataops.mlflow._sender import SENDER

DATA = "dataops.data"
"""The tag with the data: a `<table>@<snapshot>` or a path each, with commas between."""


class PlatformContext(RunContextProvider):
    """Tags that MLflow puts on a run when it starts, whoever starts it."""

    def in_context(self) -> bool:
        """Everything that runs on the platform says what it knows."""
        return True

    def tags(self) -> dict[str, str]:
        """Return the tags; they win over those that MLflow guesses."""
        found = {MLFLOW_USER: variable("JUPYTERHUB_USER"), DATA: ", ".join(lineage.versions())}
        if notebook := variable("JPY_SESSION_NAME"):  # the Jupyter server sets it for each notebook's kernel
            found |= {MLFLOW_SOURCE_NAME: notebook, MLFLOW_SOURCE_TYPE: "NOTEBOOK"}
            found[MLFLOW_GIT_COMMIT] = get_git_commit(str(Path.cwd()))
        return {name: value for name, value in found.items() if value}


def register() -> None:
    """Have MLflow ask for the tags; tell the active run what is read while it runs."""
    # by hand and not as an entry point: images hold the library as a folder, not as an installed package
    if not any(isinstance(provider, PlatformContext) for provider in registry):
        registry.register(PlatformContext)  # type: ignore[no-untyped-call]  # MLflow types part of itself
        lineage.on_record(_tell_active_run)


def _tell_active_run() -> None:
    if run := mlflow.active_run():
        SENDER.add(run.info.run_id, RunTag(DATA, ", ".join(lineage.versions())))
