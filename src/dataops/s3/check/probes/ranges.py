"""Reading: parts of an object, and the ETag by which a change is noticed."""

import hashlib
from collections.abc import Iterator

from dataops.s3.check.findings import Finding, Status, verdict
from dataops.s3.check.store import Store

TITLE, ORDER = "ranges and ETags", 70
_BODY = bytes(range(256)) * 40
_RANGES = {"bytes=10-19": _BODY[10:20], "bytes=10000-": _BODY[10000:], "bytes=-8": _BODY[-8:]}


def probe(store: Store) -> Iterator[Finding]:
    """Read parts, and compare the ETag that every answer gives."""
    key = store.key("ranges/object")
    written = store.put(key, _BODY)
    wrong = [
        name
        for name, wanted in _RANGES.items()
        for answer in [store.get(key, {"Range": name})]
        if answer.status != 206 or answer.body != wanted
    ]
    yield verdict(
        "ranges.read",
        f"wrong bytes for {', '.join(wrong)}" if wrong else None,
        "the beginning, the middle and the end can be read alone",
        otherwise=Status.FAILED,
        consequence="Parquet is read from its end; no engine can read a file here",
    )
    beyond = store.get(key, {"Range": "bytes=99999-"})
    yield verdict(
        "ranges.beyond-the-end",
        None if beyond.status == 416 else f"answered {beyond.said} instead of 416",
        "refused as it must be",
        otherwise=Status.DEGRADED,
        consequence="a reader that asks too far takes an error for data",
    )
    listing = store.send("GET", query={"list-type": "2", "prefix": key})
    told = [written.etag, store.get(key).etag, store.send("HEAD", key).etag]
    told += [etag.strip('"') for etag in (listing.texts("ETag") if listing.ok else [])]
    empty = not told[0] or told[0] == "null"
    yield verdict(
        "etag.stable",
        "there is none" if empty else f"it changes: {', '.join(told)}" if len(set(told)) > 1 else None,
        "upload, reading and listing name the same",
        otherwise=Status.DEGRADED,
        consequence="nobody notices that an object changed while it was read; caches and sync by ETag do not work",
    )
    hashed = hashlib.md5(_BODY, usedforsecurity=False).hexdigest()
    yield verdict(
        "etag.md5",
        (
            None
            if written.etag in ("", hashed) or "-" in written.etag
            else f"an upload's ETag is {written.etag}, not its MD5"
        ),
        "an upload's ETag is its MD5, or says that it is none",
        otherwise=Status.FAILED,
        consequence="Java's SDK compares the two, so that Spark takes every upload for a damaged one",
        setting="Java option -Dcom.amazonaws.services.s3.disablePutObjectMD5Validation=true for Spark",
    )
    bare = store.get(key, {"If-Match": written.etag})
    yield verdict(
        "etag.if-match",
        None if bare.body == _BODY else f"answered {bare.said} to the ETag it gave, without quotes",
        "an object is read on condition that it is the same",
        otherwise=Status.FAILED,
        consequence="Spark reads every file on this condition",
    )
    again = store.get(key, {"If-None-Match": written.headers.get("ETag", "")})
    yield verdict(
        "etag.not-modified",
        None if again.status == 304 else f"answered {again.said} instead of 304",
        "what is known already is not sent again",
        otherwise=Status.DEGRADED,
        consequence="caches load everything anew",
    )
