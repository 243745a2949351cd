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


def _locations(settings: Settings) -> dict[str, str]:
    if not settings.lake_catalog_uri:
        return {}  # without a catalog there are no tables
    with catalog_cursor(settings) as cursor:
        cursor.execute(_LOCATIONS, (CATALOG,))
        rows = cursor.fetchall()
    return {
        f"{namespace}.{name}": paths.url(metadata.rpartition("/metadata/")[0], settings.s3_bucket)
        for namespace, name, metadata in rows
        if metadata
    }
