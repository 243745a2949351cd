"""What a table no longer needs: snapshots that are old enough, and files that no snapshot names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client, S3Object
from dataops.s3._errors import explained
from dataops.tables.python import load_table, writing
from dataops.tables.snapshots import line

if TYPE_CHECKING:
    from pyiceberg.table import Table

DAYS = 7
"""For how many days a snapshot is kept in any case."""

KEEP = 10
"""How many of the newest snapshots are kept, however old they are."""

GRACE_DAYS = 3
"""How old a file without a snapshot must be: a younger one may belong to a write that is not committed yet."""

FOLDERS = ("data", "metadata")
"""Where Iceberg keeps a table's files; what else lies beside them is none of its business."""


def expire(table: str, *, days: int = DAYS, keep: int = KEEP) -> list[int]:
    """Forget snapshots older than some days, and delete the files that only they had.

    The newest ones stay, and so do tagged ones and those of a branch.

    Args:
        table: The table's name.
        days: How old a snapshot must be, at least one day: a running reader may still need a younger one.
        keep: How many of the newest ones stay, however old they are.

    Returns:
        The ids of the snapshots that are gone.

    Raises:
        UserError: There is no such table, the account may not write it, or a number is too small.
    """
    if days < 1 or keep < 1:
        raise UserError(f"table {table} keeps at least one day and one snapshot; give larger numbers")
    limit = (datetime.now(UTC) - timedelta(days=days)).timestamp() * 1000
    with writing(table) as loaded:
        newest = sorted(loaded.snapshots(), key=lambda snapshot: snapshot.timestamp_ms, reverse=True)
        named = {ref.snapshot_id for ref in loaded.metadata.refs.values()}
        old = [
            each.snapshot_id for each in newest[keep:] if each.timestamp_ms < limit and each.snapshot_id not in named
        ]
        if old:
            before = reachable(loaded)
            loaded.maintenance.expire_snapshots().by_ids(old).commit()
            _delete(before - reachable(load_table(table)))  # what this leaves when it is killed, `orphans` finds
        return old


def orphans(table: str, *, delete: bool = False) -> list[S3Object]:
    """Return the files in a table's folders that none of its snapshots names, older than `GRACE_DAYS`.

    Failed and killed writes leave such files.

    Args:
        table: The table's name.
        delete: Whether to delete them too.

    Raises:
        UserError: There is no such table, or the account may not write it.
    """
    if delete:
        with writing(table) as loaded:
            found = _orphans(loaded)
            _delete(f"s3a://{urlsplit(loaded.location()).netloc}/{each.key}" for each in found)
            return found
    return _orphans(load_table(table))


def abort_uploads() -> int:
    """End the uploads in parts that nobody finished within `GRACE_DAYS`; they cost space that no listing shows.

    Returns:
        How many were ended.

    Raises:
        UserError: The store refuses it.
    """
    settings = Settings.load()
    client, limit, ended = S3Client(settings), datetime.now(UTC) - timedelta(days=GRACE_DAYS), 0
    with explained(settings, f"s3a://{settings.s3_bucket}/"):
        for page in client.boto.get_paginator("list_multipart_uploads").paginate(Bucket=settings.s3_bucket):
            for upload in page.get("Uploads", []):
                if upload["Initiated"] < limit:
                    client.boto.abort_multipart_upload(
                        Bucket=settings.s3_bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )
                    ended += 1
    return ended


def reachable(loaded: Table) -> set[str]:
    """Return every file that any snapshot of a table needs, and its metadata.

    Raises:
        UserError: A list of files is gone that a branch, a tag or a snapshot before them needs. Of others, such as
            those of a publication that was begun anew, it may be gone: nobody can read them.
    """
    metadata = loaded.metadata
    files = {loaded.metadata_location, *(entry.metadata_file for entry in metadata.metadata_log)}
    files |= {each.statistics_path for each in (*metadata.statistics, *metadata.partition_statistics)}
    in_use, read = _in_use(loaded), set[str]()
    for snapshot in metadata.snapshots:
        files.add(snapshot.manifest_list)
        try:
            for manifest in snapshot.manifests(loaded.io):
                if manifest.manifest_path not in read:
                    files.add(manifest.manifest_path)
                    files |= {entry.data_file.file_path for entry in manifest.fetch_manifest_entry(loaded.io)}
                    read.add(manifest.manifest_path)
        except FileNotFoundError as error:
            if snapshot.snapshot_id in in_use:
                table = ".".join(loaded.name())
                raise UserError(
                    f"snapshot {snapshot.snapshot_id} of table {table} cannot be read ({error}); bring the file back"
                    f" from a backup, or go back to an earlier one: dataops tables rollback {table} --to <snapshot>"
                ) from None
    return files


def _in_use(loaded: Table) -> set[int]:
    """The snapshots that branches and tags name, and those before them."""
    return {snapshot for ref in loaded.metadata.refs.values() for snapshot in line(loaded, ref.snapshot_id)}


def _orphans(loaded: Table) -> list[S3Object]:
    limit, needed = datetime.now(UTC) - timedelta(days=GRACE_DAYS), {_key(path) for path in reachable(loaded)}
    client = S3Client()
    listed = [each for folder in FOLDERS for each in client.list_objects(f"{loaded.location()}/{folder}/")]
    return [each for each in listed if each.key not in needed and each.modified and each.modified < limit]


def _key(path: str) -> str:
    return urlsplit(path).path.removeprefix("/")


def _delete(files: Iterable[str]) -> None:
    S3Client().delete(*sorted(files))
