"""Makes the catalog's tables and their rights: `python -m dataops.tables.migrate`, run by their owner, repeatable."""

import sys
import time
from importlib.resources import files

from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables.database import catalog_cursor

OLDEST = 14
"""The oldest release of PostgreSQL that is taken."""


class TooOldError(UserError):
    """A database that no waiting makes younger."""


def migrate(settings: Settings) -> None:
    """Bring the catalog's database to what this version of the library expects, in one transaction.

    Raises:
        TooOldError: The server is older than the platform takes; nothing was changed.
    """
    with catalog_cursor(settings) as cursor:
        release = cursor.connection.server_version // 10000
        if release < OLDEST:
            raise TooOldError(
                f"{settings.lake_catalog_uri} is PostgreSQL {release}, the platform needs {OLDEST} or later: have it "
                "upgraded"
            )
        cursor.execute(files("dataops.tables").joinpath("catalog.sql").read_text(encoding="utf-8"))


def main() -> None:
    """Migrate, and on a first installation wait for the database that starts beside this."""
    for attempt in reversed(range(12)):
        try:
            migrate(Settings.load())
            break
        except UserError as failure:
            if not attempt or isinstance(failure, TooOldError):
                sys.exit(f"error: {failure}")
            time.sleep(5)
    print("the lake's catalog is up to date")


if __name__ == "__main__":
    main()
