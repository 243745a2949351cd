"""Who may write: asked before a write, because Iceberg's own refusal reads as a conflict with another process."""

from uuid import uuid4

from dataops.config import Settings
from dataops.errors import UserError
from dataops.spark.conf import CATALOG
from dataops.tables.database import catalog_cursor
from dataops.tables.names import split_name

_PROBE = "insert into iceberg_tables (catalog_name, table_namespace, table_name) values (%s, %s, %s)"


def check_may_write(table: str, settings: Settings) -> None:
    """Return if the account may write this table; the database itself is asked, in a transaction that is rolled back.

    Raises:
        UserError: it may not.
    """
    from psycopg2.errors import InsufficientPrivilege

    namespace, _ = split_name(table)
    with catalog_cursor(settings) as cursor:
        try:
            cursor.execute(_PROBE, (CATALOG, namespace, f"may-write-{uuid4()}"))
        except InsufficientPrivilege:
            raise UserError(
                f"{settings.lake_catalog_user} may not write tables of {namespace}; write to sandbox.<table>,"
                " or let a job in jobs/ publish the table"
            ) from None
        cursor.connection.rollback()
