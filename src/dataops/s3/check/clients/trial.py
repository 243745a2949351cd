"""What clients say: it worked, it failed and why, or it cannot sign as this store wants it."""

from __future__ import annotations

from collections.abc import Callable

from dataops.config import Settings
from dataops.s3 import clients
from dataops.s3.check.findings import Finding, Status

BODY = b"written by one client, read by the same\n" * 1000
_WORDS = 300


def attempt(name: str, work: Callable[[], bytes], *, consequence: str, otherwise: Status = Status.FAILED) -> Finding:
    """Write, read and delete; what was read must be `BODY`."""
    try:
        read = work()
    except Exception as error:  # whatever a library raises is what is to be told
        return Finding(name, otherwise, _root(f"{type(error).__name__}: {error}"), consequence)
    if read != BODY:
        seen = f"{len(read)} bytes came back instead of {len(BODY)}, or others"
        return Finding(name, otherwise, seen, consequence)
    return Finding(name, Status.OK, "written, read back and deleted")


def _root(text: str) -> str:
    # Java tells the cause last, below pages of where it happened
    causes = [line for line in text.splitlines() if line.startswith("Caused by: ")]
    return " ".join((causes or [text])[-1].removeprefix("Caused by: ").split())[:_WORDS]


def unsigned(name: str, settings: Settings) -> list[Finding]:
    """A finding where the store wants the older signature, which this client does not know."""
    if not clients.signs_v2(settings):
        return []
    seen = "this client signs with V4 only, and the store wants V2"
    consequence = "read and write with Spark, or with dataops.s3, which goes through boto3 then"
    return [Finding(name, Status.UNSUPPORTED, seen, consequence)]
