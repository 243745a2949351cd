"""Verifies both of S3's signatures, in headers and in presigned addresses, from their published definitions."""

import base64
import hashlib
import hmac
import time
from calendar import timegm
from email.utils import parsedate_tz
from urllib.parse import quote

from dataops.testing.faulty_s3.answers import Refused
from dataops.testing.faulty_s3.requests import Request

ALLOWED_SKEW = 900
_SUBRESOURCES = frozenset(
    "acl cors delete lifecycle location logging notification object-lock partNumber policy requestPayment restore"
    " tagging torrent uploadId uploads versionId versioning versions website response-content-type"
    " response-content-language response-expires response-cache-control response-content-disposition"
    " response-content-encoding".split()
)
_V4_TIME = "%Y%m%dT%H%M%SZ"


class Signed:
    """What a verified V4 signature leaves for the chunks of a body, which are signed one after the other."""

    def __init__(self, key: bytes, when: str, scope: str, signature: str) -> None:
        self._key, self._when, self._scope, self._last = key, when, scope, signature

    def verify_chunk(self, chunk: bytes, signature: str) -> None:
        """Refuse a chunk that somebody changed."""
        parts = ("AWS4-HMAC-SHA256-PAYLOAD", self._when, self._scope, self._last, _sha256(b""), _sha256(chunk))
        self._last = _hex(self._key, "\n".join(parts))
        _same(self._last, signature)


def verify(request: Request, access_key: str, secret: str, now: float, *, v4: bool) -> Signed | None:
    """Refuse a request that the secret did not sign, now.

    Args:
        request: what came.
        access_key: the only key there is.
        secret: its secret.
        now: the store's own idea of the time.
        v4: whether the store knows the newer signature.

    Raises:
        Refused: as S3 says it.
    """
    authorization, query = request.header("authorization"), request.query
    if authorization.startswith("AWS4-") or "X-Amz-Algorithm" in query:
        if not v4:
            raise Refused(400, "InvalidRequest", "this store knows signature version 2 only")
        return _verify_v4(request, access_key, secret, now)
    if authorization.startswith("AWS "):
        user, _, signature = authorization[4:].rpartition(":")
        when = request.header("x-amz-date") or request.header("date")
        _in_time(float(timegm((parsedate_tz(when) or time.gmtime(0))[:9])), now)
        date = "" if request.header("x-amz-date") else when
    elif "Signature" in query:
        user, signature, date = query.get("AWSAccessKeyId", ""), query["Signature"], query.get("Expires", "0")
        if int(date) < now:
            raise Refused(403, "AccessDenied", "Request has expired")
    else:
        raise Refused(403, "AccessDenied", "anonymous requests are not served")
    _known(user, access_key)
    made = base64.b64encode(hmac.digest(secret.encode(), _v2_text(request, date).encode(), "sha1")).decode()
    _same(made, signature)
    return None


def _verify_v4(request: Request, access_key: str, secret: str, now: float) -> Signed:
    query, authorization = request.query, request.header("authorization")
    if authorization:
        fields = dict(part.strip().split("=", 1) for part in authorization.split(" ", 1)[1].split(","))
        credential, names, signature = fields["Credential"], fields["SignedHeaders"], fields["Signature"]
        when, payload = request.header("x-amz-date"), request.header("x-amz-content-sha256")
        _in_time(_v4_seconds(when), now)
        if len(payload) == 64 and payload != _sha256(request.body):
            raise Refused(400, "XAmzContentSHA256Mismatch")
    else:
        credential, names, signature = (query[f"X-Amz-{name}"] for name in ("Credential", "SignedHeaders", "Signature"))
        when, payload = query["X-Amz-Date"], "UNSIGNED-PAYLOAD"
        if _v4_seconds(when) + int(query["X-Amz-Expires"]) < now:
            raise Refused(403, "AccessDenied", "Request has expired")
    user, _, scope = credential.partition("/")
    _known(user, access_key)
    pairs = sorted((_encode(name), _encode(value)) for name, value in query.items() if name != "X-Amz-Signature")
    lines = [f"{name}:{' '.join(request.header(name).split())}" for name in names.split(";")]
    canonical = [request.method, request.raw_path, "&".join(f"{name}={value}" for name, value in pairs)]
    whole = "\n".join([*canonical, *lines, "", names, payload])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    made = _hex(key, "\n".join(("AWS4-HMAC-SHA256", when, scope, _sha256(whole.encode()))))
    _same(made, signature)
    return Signed(key, when, scope, signature)


def _v2_text(request: Request, date: str) -> str:
    amz = sorted((name, value) for name, value in request.headers.items() if name.startswith("x-amz-"))
    resource = f"/{request.bucket}{request.raw_path}" if request.virtual else request.raw_path
    if not request.key:
        resource = f"/{request.bucket}/"
    parts = [
        name if value == "" else f"{name}={value}"
        for name, value in sorted(request.query.items())
        if name in _SUBRESOURCES
    ]
    head = [request.method, request.header("content-md5"), request.header("content-type"), date]
    asked = "?" + "&".join(parts) if parts else ""
    return "\n".join([*head, *(f"{name}:{value}" for name, value in amz), resource + asked])


def _known(user: str, access_key: str) -> None:
    if user != access_key:
        raise Refused(403, "InvalidAccessKeyId")


def _same(made: str, signature: str) -> None:
    if not hmac.compare_digest(made, signature):
        raise Refused(403, "SignatureDoesNotMatch")


def _in_time(when: float, now: float) -> None:
    if abs(when - now) > ALLOWED_SKEW:
        raise Refused(403, "RequestTimeTooSkewed")


def _v4_seconds(when: str) -> float:
    return float(timegm(time.strptime(when, _V4_TIME)))


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hex(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()
