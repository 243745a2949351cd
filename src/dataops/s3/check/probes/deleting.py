"""Deleting: one object, none, and many at once with each checksum that stores want."""

import base64
import hashlib
import zlib
from collections.abc import Iterator
from xml.sax.saxutils import escape

from dataops.s3.check.findings import Finding, Status, verdict
from dataops.s3.check.store import Store

TITLE, ORDER = "deleting", 80
_ONE_BY_ONE = "objects are deleted one by one, which takes longer"


def probe(store: Store) -> Iterator[Finding]:
    """Delete and look whether it is gone."""
    key = store.key("deleting/one")
    store.put(key, b"1")
    answer = store.send("DELETE", key)
    gone = store.get(key).status == 404
    yield verdict(
        "delete.one",
        None if answer.ok and gone else f"answered {answer.said}, and the object is {'gone' if gone else 'there'}",
        "an object that was deleted is gone",
        otherwise=Status.FAILED,
        consequence="nothing can be cleaned up, and no table maintained",
    )
    missing = store.send("DELETE", key)
    yield verdict(
        "delete.missing",
        None if missing.ok else f"answered {missing.said}",
        "deleting what is not there is no error",
        otherwise=Status.DEGRADED,
        consequence="a clean-up that is repeated fails",
    )
    yield _many(store, "md5", "Spark deletes this way", "s3.multiDelete: false")
    yield _many(store, "crc32", "boto3 deletes this way", "")


def _many(store: Store, checksum: str, who: str, setting: str) -> Finding:
    keys = [store.key(f"deleting/{checksum} {number}&=+") for number in range(3)]
    for key in keys:
        store.put(key, b"1")
    objects = "".join(f"<Object><Key>{escape(key)}</Key></Object>" for key in keys)
    body = f"<Delete>{objects}</Delete>".encode()
    if checksum == "md5":
        headers = {"Content-MD5": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()}
    else:
        summed = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
        headers = {"x-amz-checksum-crc32": summed, "x-amz-sdk-checksum-algorithm": "CRC32"}
    answer = store.send("POST", query={"delete": ""}, headers=headers, body=body)
    left = [key for key in keys if store.get(key).status != 404]
    trouble = f"refused: {answer.said}" if not answer.ok else f"{len(left)} of {len(keys)} are still there"
    return verdict(
        f"delete.many-{checksum}",
        trouble if left or not answer.ok else None,
        "several objects go with one request",
        otherwise=Status.UNSUPPORTED,
        consequence=f"{who}; {_ONE_BY_ONE}",
        setting=setting,
    )
