"""Requests as they go over the wire: signed by botocore's own signers in every way that S3 knows, sent by urllib3."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import urllib3
from botocore.auth import BaseSigner, HmacV1Auth, HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from dataops.config import Settings
from dataops.s3.check import chunks

Signature = Literal["v4", "v4-unsigned", "v4-chunked", "v4-trailer", "v2"]
BUSY = (429, 500, 502, 503, 504)
_TRIES = 8
_EXPIRES = 300


@dataclass(frozen=True)
class Answer:
    """What the store said."""

    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300 and b"<Error>" not in self.body[:300]

    @property
    def code(self) -> str:
        """S3's name of the error."""
        found = re.search(rb"<Code>([^<]*)</Code>", self.body[:2000])
        return found[1].decode() if found else ""

    @property
    def said(self) -> str:
        """Status and code, for people."""
        return f"{self.status} {self.code}".rstrip()

    @property
    def etag(self) -> str:
        """The ETag, without its quotes."""
        return self.headers.get("ETag", "").strip('"')

    def texts(self, name: str) -> list[str]:
        """The text of every element of this name, whatever its namespace.

        Raises:
            ElementTree.ParseError: the body is no XML.
        """
        elements = ElementTree.fromstring(self.body).iter()
        return [one.text or "" for one in elements if one.tag.rpartition("}")[2] == name]


class Wire:
    """Sends requests to one bucket of one store."""

    def __init__(self, settings: Settings, signature: Signature, *, virtual: bool) -> None:
        """Prepare; nothing is connected yet.

        Args:
            settings: address, bucket, keys, region and CA.
            signature: how requests are signed unless they say otherwise.
            virtual: whether the bucket stands in the host's name, unless they say otherwise.
        """
        self.settings, self.signature, self.virtual = settings, signature, virtual
        self.bucket, self.busy, self.sent = settings.s3_bucket, 0, 0
        self.endpoint = (settings.s3_endpoint_url or "").rstrip("/")
        ca = settings.ca_bundle()
        self.pool = urllib3.PoolManager(
            ca_certs=str(ca) if ca else None,
            timeout=urllib3.Timeout(connect=5, read=30),
            retries=False,
            maxsize=32,
        )

    @property
    def tls(self) -> bool:
        """Whether the store is reached by https."""
        return self.endpoint.startswith("https:")

    def url(self, key: str, query: dict[str, str] | None = None, *, virtual: bool | None = None) -> str:
        """The address of a key; the bucket stands in the path or in the host's name."""
        parts = urlsplit(self.endpoint)
        virtual = self.virtual if virtual is None else virtual
        host, path = (f"{self.bucket}.{parts.netloc}", "/") if virtual else (parts.netloc, f"/{self.bucket}/")
        pairs = (
            name if value == "" else f"{name}={quote(value, safe='-_.~')}" for name, value in (query or {}).items()
        )
        asked = "&".join(pairs)
        return f"{parts.scheme}://{host}{path}{quote(key, safe='/-_.~')}" + (f"?{asked}" if asked else "")

    def send(
        self,
        method: str,
        key: str = "",
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        *,
        signature: Signature | None = None,
        virtual: bool | None = None,
        secret: str = "",
    ) -> Answer:
        """Sign a request and send it, again while the store says that it is busy.

        Raises:
            urllib3.exceptions.HTTPError: nobody answers, or nobody trustworthy.
        """
        url, kind = self.url(key, query, virtual=virtual), signature or self.signature

        def once() -> Answer:
            signed, data = self._signed(method, url, dict(headers or {}), body, kind, secret)
            return self._exchange(method, url, signed, data)

        return self._patiently(once)

    def fetch(self, url: str) -> Answer:
        """Read what an address shows by itself."""
        return self._patiently(lambda: self._exchange("GET", url, {}, b""))

    def _patiently(self, once: Callable[[], Answer]) -> Answer:
        for attempt in range(1, _TRIES + 1):
            try:
                answer = once()
            except (urllib3.exceptions.ProtocolError, urllib3.exceptions.ReadTimeoutError):
                if attempt == _TRIES:
                    raise
            else:
                if answer.status not in BUSY or attempt == _TRIES:
                    return answer
            self.busy += 1
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
        raise AssertionError("the last attempt returns or raises")

    def _exchange(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        self.sent += 1
        answer = self.pool.request(method, url, headers=headers, body=body, redirect=False)
        return Answer(answer.status, answer.headers, answer.data)

    def presigned(self, method: str, key: str, signature: Signature) -> str:
        """An address that needs no key, for five minutes."""
        request = AWSRequest(method=method, url=self.url(key))
        signer = (
            HmacV1QueryAuth(self._credentials(), expires=_EXPIRES)
            if signature == "v2"
            else S3SigV4QueryAuth(self._credentials(), "s3", self.settings.s3_region, expires=_EXPIRES)
        )
        signer.add_auth(request)
        return str(request.url)

    def _credentials(self, secret: str = "") -> Credentials:
        key, own = self.settings.s3_keys()
        return Credentials(key, secret or own)

    def _signed(
        self, method: str, url: str, headers: dict[str, str], body: bytes, kind: Signature, secret: str
    ) -> tuple[dict[str, str], bytes]:
        credentials, region = self._credentials(secret), self.settings.s3_region
        if kind == "v4-chunked":
            return chunks.signed(credentials, region, method, url, headers, body)
        if kind == "v4-trailer":
            headers, body = chunks.with_trailer(headers, body)
        request = AWSRequest(method=method, url=url, headers=headers, data=body)
        request.context["client_config"] = Config(s3={"payload_signing_enabled": kind == "v4"})
        if kind == "v4-trailer":
            request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
        signer: BaseSigner = S3SigV4Auth(credentials, "s3", region)
        if kind == "v2":
            signer = HmacV1Auth(credentials)
            if url.partition("//")[2].partition("/")[0] != urlsplit(self.endpoint).netloc:
                request.auth_path = f"/{self.bucket}{urlsplit(url).path}"
        signer.add_auth(request)
        return dict(request.headers.items()), body
