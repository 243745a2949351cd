"""Wait until this release's migration is done; asking costs next to nothing, unlike `airflow db check-migrations`."""

import os
import sys
import time
from contextlib import closing

import psycopg2

TABLE = "dataops_migration"


def address() -> str:
    """Return the database's address in the form that libpq knows."""
    return os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("postgresql+psycopg2://", "postgresql://", 1)


def is_done(migration: str) -> bool:
    """Ask the database whether the migration has been announced."""
    with closing(psycopg2.connect(address(), connect_timeout=5)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (TABLE,))
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(f"SELECT 1 FROM {TABLE} WHERE release = %s", (migration,))
        return cursor.fetchone() is not None


def main(migration: str, patience: float = 900.0) -> None:
    """Ask once a second."""
    deadline = time.monotonic() + patience
    waiting_for = ""
    while time.monotonic() < deadline:
        try:
            if is_done(migration):
                return
            reason = f"Job {migration} has not finished"
        except psycopg2.OperationalError as error:
            reason = f"the database does not answer: {error}".strip()
        if reason != waiting_for:
            waiting_for = reason
            print(f"waiting: {reason}", flush=True)
        time.sleep(1)
    sys.exit(f"error: {waiting_for}; look at its log: kubectl logs job/{migration}")


if __name__ == "__main__":
    main(os.environ["MIGRATION"])
