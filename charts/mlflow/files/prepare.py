"""Bring MLflow's two databases up to date, and its own accounts in line with their Secrets, before the server starts."""

import os
import sys

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


def main() -> None:
    """Run both migrations and look after both accounts."""
    config = read_auth_config()
    # The command's function, called here: on a command line the address would show its password.
    upgrade.callback(os.environ["MLFLOW_BACKEND_STORE_URI"])
    store = SqlAlchemyStore()
    store.init_db(config.database_uri)
    ensure_account(store, ADMIN_USER, config.admin_password or "", is_admin=True)
    ensure_account(store, JOBS_USER, os.environ["MLFLOW_TRACKING_PASSWORD"], is_admin=False)
    print("databases and accounts are ready")


if __name__ == "__main__":
    try:
        main()
    except OperationalError as error:
        sys.exit(f"error: MLflow cannot reach its database, check PostgreSQL and Secret mlflow-database: {error.orig}")
