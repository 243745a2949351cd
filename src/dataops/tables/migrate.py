"""Makes the catalog's tables and their rights: `python -m dataops.tables.migrate`, run by their owner, repeatable."""

import sys
import time
from importlib.resources import files

from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables.database import catalog_cursor


def migrate(settings: Settings) -> None:
    """Bring the catalog's database to what this version of the library expects, in one transaction."""
    with catalog_cursor(settings) as cursor:
        cursor.execute(files("dataops.tables").joinpath("catalog.sql").read_text(encoding="utf-8"))


if __name__ == "__main__":
    for attempt in reversed(range(12)):
        try:
            migrate(Settings.load())
            break
        except UserError as failure:  # on a first installation the database starts beside this
            if not attempt:
                sys.exit(f"error: {failure}")
            time.sleep(5)
    print("the lake's catalog is up to date")
