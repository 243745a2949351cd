"""Bodies of uploads: taken out of their chunks, and compared with the checksums that came with them."""

import base64
import hashlib
import zlib
from collections.abc import Callable

from dataops.s3.check.crc64 import crc64nvme
from dataops.testing.faulty_s3.answers import Refused
from dataops.testing.faulty_s3.requests import Request
from dataops.testing.faulty_s3.signatures import Signed

_PREFIX = "x-amz-checksum-"
_SUMS: dict[str, Callable[[bytes], bytes]] = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "crc64nvme": crc64nvme,
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
}
_NO_SUMS = ("algorithm", "type", "mode")  # these only say which one is meant


def framed(request: Request) -> bool:
    """Whether the body comes in chunks of S3's own."""
    sent = request.header("x-amz-content-sha256").startswith("STREAMING-")
    return sent or "aws-chunked" in request.header("content-encoding")


def checked(request: Request) -> bool:
    """Whether newer checksums came with the body, or after it."""
    return "x-amz-trailer" in request.headers or any(name.startswith(_PREFIX) for name in request.headers)


def unframe(request: Request, signed: Signed | None) -> bytes:
    """Return what was in the chunks; each signature and the checksums behind them are verified.

    Raises:
        Refused: a chunk or a checksum is wrong, or the length differs from what was announced.
    """
    rest, whole = request.body, b""
    while True:
        head, _, rest = rest.partition(b"\r\n")
        size, _, extension = head.decode().partition(";")
        length = int(size, 16)
        chunk, rest = rest[:length], rest[length:]
        if extension and signed:
            signed.verify_chunk(chunk, extension.partition("=")[2])
        if not length:
            break
        whole, rest = whole + chunk, rest.removeprefix(b"\r\n")
    if str(len(whole)) != request.headers.get("x-amz-decoded-content-length", str(len(whole))):
        raise Refused(400, "IncompleteBody")
    lines = (line.partition(":") for line in rest.decode().splitlines() if ":" in line)
    verify_sums({name.lower(): value.strip() for name, _, value in lines}, whole)
    return whole


def verify_sums(headers: dict[str, str], body: bytes) -> None:
    """Refuse a body whose checksum differs from one of the headers.

    Raises:
        Refused: it does.
    """
    md5 = headers.get("content-md5")
    if md5 and md5 != base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode():
        raise Refused(400, "BadDigest")
    for name, value in headers.items():
        algorithm = name.removeprefix(_PREFIX)
        if name.startswith(_PREFIX) and algorithm not in _NO_SUMS:
            if algorithm not in _SUMS:
                raise Refused(400, "InvalidRequest", f"{algorithm} is not known here")
            if base64.b64encode(_SUMS[algorithm](body)).decode() != value:
                raise Refused(400, "BadDigest")
