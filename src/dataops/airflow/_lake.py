"""What sensors ask of the lake: three questions, answered from the catalog, metadata and listings, without Spark."""

import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from dataops.config import Settings
from dataops.s3 import S3Client
from dataops.spark.conf import CATALOG
from dataops.tables.database import catalog_cursor
from dataops.tables.names import split_name

_CURRENT = (
    "select metadata_location from iceberg_tables"
    " where catalog_name = %s and table_namespace = %s and table_name = %s"
)
_DELETED = 2  # status of an entry whose file the snapshot no longer has


@cache
def _store() -> S3Client:
    """The store for every wait of the triggerer: making a client takes longer than a look."""
    return S3Client()


def something_at(path: str) -> bool:
    """Tell whether an object exists, or anything below a prefix that ends in a slash."""
    return _store().exists(path)


def committed_since(table: str, since: str) -> bool:
    """Tell whether the newest commit of a table is as young as this moment, a day or an instant; UTC without a zone.

    Raises:
        UserError: the catalog or the store lets one not in.
    """
    moment = datetime.fromisoformat(since)
    snapshot = _snapshot(_metadata(table))
    if snapshot is None:
        return False
    wanted = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return bool(snapshot["timestamp-ms"] >= wanted.timestamp() * 1000)


def has_partition(table: str, partition: Mapping[str, str]) -> bool:
    """Tell whether the newest snapshot of a table holds rows of a partition.

    Args:
        table: its name.
        partition: names of the table's partition fields with their values as text; those left out may be any.

    Raises:
        UserError: the catalog or the store lets one not in.
    """
    snapshot = _snapshot(_metadata(table))
    if snapshot is None:
        return False
    for manifest in _rows(snapshot["manifest-list"]):
        if manifest["content"] != 0:  # of deleted rows
            continue
        for entry in _rows(manifest["manifest_path"]):
            found = entry["data_file"]["partition"]
            if entry["status"] != _DELETED and all(
                str(found.get(name)) == wanted for name, wanted in partition.items()
            ):
                return True
    return False


def _metadata(table: str) -> dict[str, Any]:
    with catalog_cursor(Settings.load()) as cursor:
        cursor.execute(_CURRENT, (CATALOG, *split_name(table)))
        row = cursor.fetchone()
    if row is None:
        return {}  # the first publication makes it
    found: dict[str, Any] = json.loads(_store().read_bytes(row[0]))
    return found


def _snapshot(metadata: Mapping[str, Any]) -> dict[str, Any] | None:
    newest = metadata.get("current-snapshot-id")
    return next((one for one in metadata.get("snapshots", ()) if one["snapshot-id"] == newest), None)


def _rows(path: str) -> Iterator[dict[str, Any]]:
    from avro.datafile import DataFileReader
    from avro.io import DatumReader

    with DataFileReader(io.BytesIO(_store().read_bytes(path)), DatumReader()) as reader:
        yield from reader
