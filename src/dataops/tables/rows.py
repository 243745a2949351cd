"""Which paths belong to tables: the catalog's rows say so, nothing else."""

from dataops.config import Settings
from dataops.s3 import paths
from dataops.spark.conf import CATALOG
from dataops.tables.database import catalog_cursor

_LOCATIONS = "select table_namespace, table_name, metadata_location from iceberg_tables where catalog_name = %s"


def table_at(path: str, settings: Settings) -> str | None:
    """Return the table whose files lie at exactly this path, or None."""
    wanted = paths.url(path, settings.s3_bucket)
    return next((name for name, location in _locations(settings).items() if location == wanted), None)


def tables_touching(path: str, settings: Settings) -> list[str]:
    """Return the tables that a write to this path would damage: at it, around it and below it."""
    wanted = paths.url(path, settings.s3_bucket) + "/"
    found = {name: location + "/" for name, location in _locations(settings).items()}
    return sorted(name for name, each in found.items() if each.startswith(wanted) or wanted.startswith(each))


def metadata_files(settings: Settings) -> dict[str, str]:
    """Return every table's name with the URL of its current metadata.

    Raises:
        UserError: the catalog cannot be reached or lets one not in.
    """
    if not settings.lake_catalog_uri:
        return {}  # without a catalog there are no tables
    with catalog_cursor(settings) as cursor:
        cursor.execute(_LOCATIONS, (CATALOG,))
        rows = cursor.fetchall()
    return {
        f"{namespace}.{name}": paths.url(metadata, settings.s3_bucket) for namespace, name, metadata in rows if metadata
    }


def _locations(settings: Settings) -> dict[str, str]:
    return {name: metadata.rpartition("/metadata/")[0] for name, metadata in metadata_files(settings).items()}
