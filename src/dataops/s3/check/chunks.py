"""Bodies in chunks: each signed, as Java's SDK sends them over http, or with a checksum behind, as boto3 may."""

import base64
import zlib
from hashlib import sha256

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_SIZE = 64 * 1024
_END = b"\r\n"


class _ChunkedAuth(S3SigV4Auth):
    """Signs the head of a request whose body follows in signed chunks."""

    def payload(self, request: AWSRequest) -> str:
        """What stands for the body's hash."""
        return "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def signed(
    credentials: Credentials, region: str, method: str, url: str, headers: dict[str, str], body: bytes
) -> tuple[dict[str, str], bytes]:
    """Return headers and body of an upload whose every chunk is signed."""
    pieces = [body[start : start + _SIZE] for start in range(0, len(body), _SIZE)] + [b""]
    length = sum(len(f"{len(piece):x};chunk-signature=") + 64 + len(piece) + 4 for piece in pieces)
    headers |= {
        "Content-Encoding": "aws-chunked",
        "Content-Length": str(length),
        "X-Amz-Decoded-Content-Length": str(len(body)),
    }
    auth, request = _ChunkedAuth(credentials, "s3", region), AWSRequest(method=method, url=url, headers=headers)
    auth.add_auth(request)
    last, framed = request.headers["Authorization"].rpartition("Signature=")[2], b""
    head = ["AWS4-HMAC-SHA256-PAYLOAD", request.context["timestamp"], auth.credential_scope(request)]
    for piece in pieces:
        text = "\n".join([*head, last, sha256(b"").hexdigest(), sha256(piece).hexdigest()])
        last = auth.signature(text, request)
        framed += f"{len(piece):x};chunk-signature={last}".encode() + _END + piece + _END
    return dict(request.headers.items()), framed


def with_trailer(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    """Return headers and body of an upload with its CRC32 behind it."""
    summed = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    framed = f"{len(body):x}".encode() + _END + body + _END + b"0" + _END
    framed += f"x-amz-checksum-crc32:{summed}".encode() + _END + _END
    more = {
        "Content-Encoding": "aws-chunked",
        "Content-Length": str(len(framed)),
        "X-Amz-Decoded-Content-Length": str(len(body)),
        "X-Amz-Trailer": "x-amz-checksum-crc32",
    }
    return headers | more, framed
