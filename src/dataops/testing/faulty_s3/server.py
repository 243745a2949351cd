"""The store as a server on loopback."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Collection
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from dataops.testing.faulty_s3 import bodies, listings, multipart, objects
from dataops.testing.faulty_s3.answers import Answer, Refused, tag, xml
from dataops.testing.faulty_s3.faults import Fault
from dataops.testing.faulty_s3.memory import Memory
from dataops.testing.faulty_s3.requests import Request, parse
from dataops.testing.faulty_s3.signatures import verify

_STORM_EVERY = 3
_SKEW_SECONDS = 20 * 60


class FaultyS3:
    """A store with an empty bucket, for one `with` block: it verifies signatures, and keeps objects in memory."""

    def __init__(
        self,
        faults: Collection[Fault] = (),
        *,
        buckets: tuple[str, ...] = ("data-lake",),
        access_key: str = "someone",
        secret_key: str = "of-someone",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Choose what is wrong with it.

        Args:
            faults: what is wrong; nothing by default.
            buckets: the buckets there are.
            access_key: the only key.
            secret_key: its secret.
            tls: with it the store is served over TLS.
        """
        self.faults, self.access_key, self.secret_key = frozenset(faults), access_key, secret_key
        self.memory = Memory(buckets, Fault.NULL_ETAG in self.faults)
        self.requests = 0
        self._lock, self._tls = threading.Lock(), tls
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True

    def __enter__(self) -> Self:
        """Serve, until the block ends."""
        if self._tls:
            self._http.socket = self._tls.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the port."""
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._http.server_port}"

    def now(self) -> float:
        """The time, as far as this store knows."""
        return time.time() + _SKEW_SECONDS * (Fault.SKEWED_CLOCK in self.faults)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Do what is asked, one request at a time."""
        with self._lock:
            self.requests += 1
            request = parse(method, target, headers, body, list(self.memory.buckets))
            try:
                if Fault.STORM in self.faults and self.requests % _STORM_EVERY == 0:
                    raise Refused(503, "SlowDown", "Please reduce your request rate.")
                return self._do(request)
            except Refused as refused:
                return refused.answer()

    def _do(self, request: Request) -> Answer:
        faults = self.faults
        if Fault.EXPIRED_KEY in faults:
            raise Refused(400, "ExpiredToken", "The provided token has expired.")
        signed = verify(request, self.access_key, self.secret_key, self.now(), v4=Fault.V2_ONLY not in faults)
        framed = bodies.framed(request)
        if Fault.REJECTS_CHECKSUMS in faults and (framed or bodies.checked(request)):
            raise Refused(501, "NotImplemented", "A header you provided implies functionality that is not implemented")
        data = request.body
        if framed and Fault.STORES_FRAMING not in faults:
            data = bodies.unframe(request, signed)
        elif not framed:
            bodies.verify_sums(request.headers, data)
        return self._object(request, data) if request.key else self._bucket(request, data)

    def _object(self, request: Request, data: bytes) -> Answer:
        memory, faults, query = self.memory, self.faults, request.query
        match request.method:
            case "PUT" if "uploadId" in query:
                return multipart.put_part(memory, request, data)
            case "PUT" if "x-amz-copy-source" in request.headers:
                return objects.copy(memory, request)
            case "PUT":
                return objects.put(memory, request, data, conditions=Fault.IGNORES_CONDITIONS not in faults)
            case "POST" if "uploads" in query:
                return multipart.create(memory, request)
            case "POST" if "uploadId" in query:
                return multipart.complete(memory, request, data, forgets=Fault.FORGETS_UPLOADS in faults)
            case "GET" if "uploadId" in query:
                return multipart.list_parts(memory, request)
            case "GET" | "HEAD":
                return objects.get(memory, request)
            case "DELETE" if "uploadId" in query and Fault.NO_ABORT not in faults:
                return multipart.abort(memory, request)
            case "DELETE" if "uploadId" not in query:
                return objects.delete(memory, request)
        raise Refused(501, "NotImplemented")

    def _bucket(self, request: Request, data: bytes) -> Answer:
        memory, faults, query = self.memory, self.faults, request.query
        match request.method:
            case "POST" if "delete" in query and Fault.NO_MULTI_DELETE not in faults:
                return listings.delete_many(memory, request, data, md5_only=Fault.MD5_ONLY_DELETE in faults)
            case "GET" if "uploads" in query:
                return multipart.list_uploads(memory, request, hides=Fault.HIDES_UPLOADS in faults)
            case "GET" if "location" in query:
                return xml(tag("LocationConstraint", ""))
            case "GET" if not query.keys() & {"versioning", "lifecycle", "tagging", "acl", "encryption", "object-lock"}:
                if Fault.NO_LISTING in faults:
                    raise Refused(403, "AccessDenied")
                wrong_order = Fault.WRONG_ORDER in faults
                return listings.listing(memory, request, short=Fault.SHORT_LISTING in faults, wrong_order=wrong_order)
            case "HEAD":
                memory.bucket(request.bucket)
                return Answer()
        raise Refused(501, "NotImplemented")


def _handler(store: FaultyS3) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = store.answer(self.command, self.path, headers, self._body(headers))
            self.send_response_only(answer.status)
            told = {"Date": formatdate(store.now(), usegmt=True), "Content-Length": str(len(answer.body))}
            for name, value in {**told, **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def _body(self, headers: dict[str, str]) -> bytes:
            if headers.get("transfer-encoding", "").lower() != "chunked":
                return self.rfile.read(int(headers.get("content-length") or 0))
            whole = b""
            while length := int(self.rfile.readline().partition(b";")[0], 16):
                whole += self.rfile.read(length)
                self.rfile.readline()
            self.rfile.readline()
            return whole

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
