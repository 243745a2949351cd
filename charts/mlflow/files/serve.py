"""Bring MLflow's databases and its own accounts up to date, then become MLflow's server."""

import os
import sys
from typing import Any, NoReturn

import mlflow.server
from mlflow.cli import cli
from mlflow.db import upgrade
from mlflow.server.auth.config import read_auth_config
from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy.exc import OperationalError

from dataops.mlflow.server_auth import ADMIN_USER, JOBS_USER


def ensure_account(store: SqlAlchemyStore, name: str, password: str, *, is_admin: bool) -> None:
    """Make the account, or give it its Secret's password: that is how a password is changed."""
    if not store.has_user(name):
        store.create_user(name, password, is_admin=is_admin)
        print(f"account {name}: made")
    elif not store.authenticate_user(name, password):
        store.update_user(name, password=password)
        print(f"account {name}: new password")


def prepare() -> None:
    """Run both migrations and look after both accounts."""
    config = read_auth_config()
    # The command's function, called here: on a command line the address would show its password.
    upgrade.callback(os.environ["MLFLOW_BACKEND_STORE_URI"])
    store = SqlAlchemyStore()
    store.init_db(config.database_uri)
    ensure_account(store, ADMIN_USER, config.admin_password or "", is_admin=True)
    ensure_account(store, JOBS_USER, os.environ["MLFLOW_TRACKING_PASSWORD"], is_admin=False)


def become(command: list[str], *, extra_env: dict[str, str], **_: Any) -> NoReturn:
    """Run the server in this process's place."""
    sys.stdout.flush()
    os.execvpe(command[0], command, {**os.environ, **extra_env})


if __name__ == "__main__":
    try:
        prepare()
    except OperationalError as error:
        sys.exit(f"error: MLflow cannot reach its database, check PostgreSQL and Secret mlflow-database: {error.orig}")
    # `mlflow server` would wait beside its server for ever, with 250 MB of its own.
    mlflow.server._exec_cmd = become
    cli(["server", *sys.argv[1:]])
