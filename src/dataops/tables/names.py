"""Names of tables: `silver.flights` is one namespace and one name."""

import re

from dataops.config import Settings
from dataops.errors import UserError

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def split_name(table: str) -> tuple[str, str]:
    """Return namespace and name.

    Raises:
        UserError: it is not a namespace and a name in small letters.
    """
    parts = table.split(".")
    if len(parts) != 2 or not all(_NAME.fullmatch(part) for part in parts):
        raise UserError(
            f"{table!r} is no name of a table; write <namespace>.<table> in small letters, as silver.flights"
        )
    return parts[0], parts[1]


def table_location(table: str, settings: Settings) -> str:
    """Return where a table's files lie: always said, never left to a default."""
    namespace, name = split_name(table)
    folder = "sandbox/_tables" if namespace == "sandbox" else namespace  # the rest of sandbox/ is plain files
    return f"s3a://{settings.s3_bucket}/{folder}/{name}"


def beside(table: str, folder: str, settings: Settings) -> str:
    """Return where something about a table lies that is none of its files: in a folder beside those of tables."""
    place, _, name = table_location(table, settings).rpartition("/")
    return f"{place}/{folder}/{name}"
