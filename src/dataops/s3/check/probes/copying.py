"""Copying within the store."""

from collections.abc import Iterator
from urllib.parse import quote

from dataops.s3.check.findings import Finding, Status, verdict
from dataops.s3.check.store import Store

TITLE, ORDER = "copying", 90


def probe(store: Store) -> Iterator[Finding]:
    """Copy an object with an odd key, its metadata included."""
    source, target = store.key("copying/from here=é"), store.key("copying/to there")
    store.put(source, b"copied", {"x-amz-meta-who": "check"})
    answer = store.send("PUT", target, headers={"x-amz-copy-source": quote(f"/{store.wire.bucket}/{source}")})
    yield verdict(
        "copy.object",
        store.damage(target, b"copied") if answer.ok else f"refused: {answer.said}",
        "copied without leaving the store",
        otherwise=Status.DEGRADED,
        consequence="a copy or rename moves every byte through the client",
    )
    kept = store.send("HEAD", target).headers.get("x-amz-meta-who")
    yield verdict(
        "copy.metadata",
        None if kept == "check" else "what was written about the object is lost",
        "what was written about the object goes with it",
        otherwise=Status.DEGRADED,
        consequence="tags of programs that keep something in metadata are lost in a copy",
    )
