"""What lies in the lake: each table by its metadata, everything else by the listing of the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dataops.notebook.limits import size

if TYPE_CHECKING:
    from dataops.s3 import S3Client, S3Object


@dataclass(frozen=True)
class Entry:
    """One thing in the lake.

    Attributes:
        path: below the bucket.
        kind: what it is, such as `table silver.flights`.
        bytes: of the current rows, or of all files.
        files: how many.
        partitions: what it is divided by.
        written: when it was last written; None where it never was.
    """

    path: str
    kind: str
    bytes: int
    files: int
    partitions: str
    written: datetime | None

    def __str__(self) -> str:
        """Return all but the path in one line."""
        facts = [self.kind, size(self.bytes), f"{self.files} file{'s' * (self.files != 1)}"]
        facts += [f"partitions: {self.partitions}"] if self.partitions else []
        facts += [f"written {self.written.astimezone(UTC):%Y-%m-%d %H:%M} UTC"] if self.written else []
        return ", ".join(facts)


def table(client: S3Client, bucket: str, name: str, metadata_url: str) -> Entry:
    """Read what a table's metadata say of its current snapshot."""
    metadata = json.loads(client.read_bytes(metadata_url))
    path = metadata_url.removeprefix(bucket).rpartition("/metadata/")[0]
    snapshots = {one["snapshot-id"]: one for one in metadata.get("snapshots", [])}
    current = snapshots.get(metadata.get("current-snapshot-id"), {"summary": {}})
    specs = {spec["spec-id"]: spec["fields"] for spec in metadata["partition-specs"]}
    fields = [field["name"] for field in specs[metadata["default-spec-id"]]]
    counts = {key: int(current["summary"].get(f"total-{key}", 0)) for key in ("records", "files-size", "data-files")}
    written = datetime.fromtimestamp(current["timestamp-ms"] / 1000, UTC) if "timestamp-ms" in current else None
    kind = f"table {name}, {counts['records']:,} rows"
    return Entry(path, kind, counts["files-size"], counts["data-files"], ", ".join(fields), written)


def folders(objects: Iterable[S3Object], tables: Sequence[str]) -> Iterator[Entry]:
    """Sum up every folder that directly holds files and belongs to no table; partitions count to their folder."""
    inside = tuple(f"{path}/" for path in tables)
    found: dict[str, list[S3Object]] = {}
    for one in objects:
        parts = one.key.split("/")
        if one.key.startswith(inside) or any(part.startswith(("_", ".")) for part in parts) or not parts[-1]:
            continue
        place = "/".join(part for part in parts[:-1] if "=" not in part)
        found.setdefault(place or parts[-1], []).append(one)
    for place, files in found.items():
        parquet = all(one.key.endswith(".parquet") for one in files)
        written = max((one.modified for one in files if one.modified), default=None)
        kind = "Parquet" if parquet else "files"
        yield Entry(place, kind, sum(one.size for one in files), len(files), _partitions(files), written)


def _partitions(files: Sequence[S3Object]) -> str:
    paths = {tuple(part for part in one.key.split("/")[:-1] if "=" in part) for one in files}
    names = list(dict.fromkeys(part.partition("=")[0] for path in sorted(paths) for part in path))
    return f"{', '.join(names)} ({len(paths)})" if names else ""
