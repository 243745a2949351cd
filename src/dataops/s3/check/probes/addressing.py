"""Addressing: the bucket in the path, or in the host's name."""

from collections.abc import Iterator

from urllib3.exceptions import HTTPError

from dataops.s3.check.findings import Finding, Status, verdict
from dataops.s3.check.store import Store

TITLE, ORDER = "addressing", 30


def probe(store: Store) -> Iterator[Finding]:
    """List the bucket both ways."""
    for name, virtual in (("path", False), ("virtual", True)):
        try:
            answer = store.send("GET", query={"list-type": "2", "max-keys": "1"}, virtual=virtual)
            served = answer.ok and answer.texts("Name") == [store.wire.bucket]
            trouble = None if served else f"refused: {answer.said}"
        except HTTPError:
            trouble = f"{store.wire.url('', virtual=virtual)} cannot be reached"
        yield verdict(
            f"addressing.{name}",
            trouble,
            "the bucket is served",
            otherwise=Status.UNSUPPORTED,
            consequence="clients set to it find nothing",
            setting=f"s3.addressingStyle: {'path' if virtual else 'virtual'}",
        )
    if "." in store.wire.bucket:
        yield Finding(
            "addressing.dot",
            Status.DEGRADED,
            f"bucket {store.wire.bucket} has a dot in its name",
            "no wildcard certificate covers it, so that virtual addressing cannot work",
            "s3.addressingStyle: path, or a bucket without a dot",
        )
