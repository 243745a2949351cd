"""Checksums: each way to send one, the bytes compared after the upload, and whether a wrong one is noticed."""

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterator

from dataops.s3.check.crc64 import crc64nvme
from dataops.s3.check.findings import Finding, Status, verdict
from dataops.s3.check.store import Store

TITLE, ORDER = "checksums", 50
_BODY = b"summed\n" * 1000
_SUMS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "content-md5": ("Content-MD5", lambda data: hashlib.md5(data, usedforsecurity=False).digest()),
    "crc32": ("x-amz-checksum-crc32", lambda data: zlib.crc32(data).to_bytes(4, "big")),
    "crc64nvme": ("x-amz-checksum-crc64nvme", crc64nvme),
    "sha1": ("x-amz-checksum-sha1", lambda data: hashlib.sha1(data, usedforsecurity=False).digest()),
    "sha256": ("x-amz-checksum-sha256", lambda data: hashlib.sha256(data).digest()),
}
_NEVER = "the platform sends no checksum that is not required; a program of your own may"
_POLARS = "Polars sends it with every upload and cannot write by paths here; dataops.s3 can"


def probe(store: Store) -> Iterator[Finding]:
    """Upload with every checksum in a header, with one behind the body, and with wrong ones."""
    for name, (header, algorithm) in _SUMS.items():
        right, wrong = (base64.b64encode(algorithm(data)).decode() for data in (_BODY, b"other"))
        trouble = store.round_trip(f"checksums/{name}", _BODY, {header: right})
        yield verdict(
            f"checksums.{name}",
            trouble,
            "taken, and the bytes are whole",
            otherwise=Status.UNSUPPORTED if "refused" in str(trouble) else Status.DEGRADED,
            consequence=_POLARS if name == "crc64nvme" else _NEVER,
        )
        if trouble is None:
            yield verdict(
                f"checksums.{name}-verified",
                "a wrong one was taken" if store.put(store.key("checksums/wrong"), _BODY, {header: wrong}).ok else None,
                "a wrong one is refused",
                otherwise=Status.DEGRADED,
                consequence="an upload that was damaged on its way is kept without a word; TLS protects the way",
            )
    trouble = store.round_trip("checksums/trailer", _BODY, signature="v4-trailer")
    yield verdict(
        "checksums.trailer",
        trouble,
        "taken, and the bytes are whole",
        otherwise=Status.UNSUPPORTED if "refused" in str(trouble) else Status.DEGRADED,
        consequence="boto3 and pyarrow send it unless told otherwise, as the platform does; elsewhere their uploads are"
        " refused or damaged",
        setting="AWS_REQUEST_CHECKSUM_CALCULATION=when_required in programs of your own",
    )
