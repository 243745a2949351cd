"""Bring Airflow's database up to date, give the first account its password, and say so to the waiting servers."""

import os
import sys
from contextlib import closing

import psycopg2
from airflow.cli.cli_parser import get_parser
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from sqlalchemy.exc import OperationalError
from wait_for_migration import TABLE, address


def migrate() -> None:
    """Do what `airflow db migrate` does."""
    arguments = get_parser().parse_args(["db", "migrate"])
    arguments.func(arguments)


def ensure_admin(name: str, password: str) -> None:
    """Make the account, or give it its Secret's password: that is how the password is changed."""
    with get_application_builder() as builder:
        manager = builder.sm
        user = manager.find_user(username=name)
        if user is None:
            role = manager.find_role("Admin")
            if not manager.add_user(name, "Platform", "Administrator", f"{name}@localhost", role, password=password):
                sys.exit("error: Airflow refused to make its first account, look further up in this log")
        else:
            manager.reset_password(user.id, password)
    print(f"account {name} is ready")


def announce(migration: str) -> None:
    """Note in the database that this release's migration is done; the servers wait for its name."""
    with closing(psycopg2.connect(address())) as connection, connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} (release text PRIMARY KEY, done timestamptz DEFAULT now())")
        cursor.execute(f"INSERT INTO {TABLE} (release) VALUES (%s) ON CONFLICT DO NOTHING", (migration,))


if __name__ == "__main__":
    try:
        migrate()
        ensure_admin(os.environ["ADMIN_USERNAME"], os.environ["ADMIN_PASSWORD"])
        announce(os.environ["MIGRATION"])
    except (OperationalError, psycopg2.OperationalError) as error:
        sys.exit(f"error: Airflow cannot reach its database, check PostgreSQL and Secret airflow-database: {error}")
