"""A proxy in front of an S3 store that counts what passes: requests by kind, and the bytes that the store writes."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Counted:
    """What passed, as far as it concerned keys below one prefix.

    Attributes:
        prefix: Keys that count begin so.
        requests: How many of each kind: PUT, GET, LIST, COPY and so on.
        stored: Bytes that the store wrote: those of uploads and those of copies it made itself.
    """

    prefix: str
    requests: Counter[str] = field(default_factory=Counter)
    stored: int = 0
    _sizes: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, method: str, url: str, headers: Message, body: bytes) -> None:
        """Count one request if it concerns the prefix."""
        parts = urlsplit(url)
        query = parse_qs(parts.query, keep_blank_values=True)
        key = unquote(parts.path).lstrip("/").partition("/")[2]
        listed = unquote(query.get("prefix", [""])[0])
        if not (
            key.startswith(self.prefix) or listed.startswith(self.prefix) or self.prefix.encode() in body and not key
        ):
            return
        source = headers.get("x-amz-copy-source", "")
        with self._lock:
            self.requests[_kind(method, key, query, bool(source))] += 1
            if source:
                size = self._sizes[unquote(source).lstrip("/").partition("/")[2].partition("?")[0]]
            else:
                size = int(headers.get("x-amz-decoded-content-length") or len(body)) if method == "PUT" else 0
            if method == "PUT":
                self.stored += size
                self._sizes[key] = self._sizes.get(key, 0) + size if "partNumber" in query else size


def _kind(method: str, key: str, query: dict[str, list[str]], copied: bool) -> str:
    if copied:
        return "COPY"
    if method == "GET" and not key:
        return "LIST"
    if method == "POST":
        return "DELETE" if "delete" in query else "POST"
    return method


@contextmanager
def counting(upstream: str, counted: Counted) -> Iterator[str]:
    """Serve the proxy on loopback.

    Args:
        upstream: The store, `http://host:port`.
        counted: Takes the counts.

    Yields:
        The proxy's address.
    """
    host = urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            counted.note(self.command, self.path, self.headers, body)
            store = http.client.HTTPConnection(host, timeout=60)
            # the Host is signed, so it goes on as it came
            store.request(self.command, self.path, body or None, dict(self.headers.items()))
            answer = store.getresponse()
            data = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            # the length of what a HEAD would give is its answer
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(data))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(data)
            store.close()

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
