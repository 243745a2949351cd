"""Maintenance as it is after some days, and what it must have left: what the tables need, and nothing else."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from dataops.s3 import S3Client, S3Object
from dataops.tables import load_table, maintenance
from dataops.tables.maintenance import GRACE_DAYS, abort_uploads, expire, orphans, reachable
from dataops.tables.verify import verify


class Later(datetime):
    """The clock when nothing of today is young any more."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # only ever asked for UTC
        return datetime.now(UTC) + timedelta(days=GRACE_DAYS + 1)


def unfinished_uploads() -> list[str]:
    """The keys of uploads in parts that nobody finished."""
    found = S3Client().boto.list_multipart_uploads(Bucket="data-lake")
    return [each["Key"] for each in found.get("Uploads", [])]


def look_after(monkeypatch: pytest.MonkeyPatch, *names: str) -> dict[str, int]:
    """Let maintenance see tables some days later, and fail if anything is missing or left; return what it removed."""
    removed = {"uploads": len(unfinished_uploads()), "snapshots": 0, "orphans": 0}
    with monkeypatch.context() as patch:
        patch.setattr(maintenance, "datetime", Later)
        abort_uploads()
        for name in names:
            removed["snapshots"] += len(expire(name, days=1, keep=1))
            removed["orphans"] += len(orphans(name, delete=True))
    assert unfinished_uploads() == []
    assert [each.key for each in S3Client().list_objects("") if "_temporary" in each.key or "__magic" in each.key] == []
    for name in names:
        loaded = load_table(name)
        there = {each.key for folder in ("data", "metadata") for each in _listed(f"{loaded.location()}/{folder}/")}
        assert there == {urlsplit(path).path[1:] for path in reachable(loaded)}, name
        assert verify(name) == []
        assert set(loaded.refs()) == {"main"}
    return removed


def _listed(folder: str) -> list[S3Object]:
    return S3Client().list_objects(folder)
