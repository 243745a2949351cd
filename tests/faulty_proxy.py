"""A proxy in front of any store that cuts, delays and refuses requests by rules: method, path and which of them.

    with faulty_proxy("http://127.0.0.1:9000", [Rule(cut, method="PUT|POST|DELETE", when=nth(3))]) as proxy:
        ...  # use proxy.url as the store's address, then look at proxy.seen

The request's Host goes on as it came, so signatures stay right.
"""

import http.client
import random
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import NamedTuple
from urllib.parse import urlsplit

PIECE = 16_384
BUSY = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>{}</Code><Message>injected</Message></Error>"
HOP = {"connection", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True)
class Exchange:
    """One request while it is served: what a fault may do with it; `forward` may be told bytes per second."""

    forward: Callable[..., http.client.HTTPResponse]
    answer: Callable[[int, list[tuple[str, str]], Iterable[bytes]], None]
    hang_up: Callable[[], None]


Fault = Callable[[Exchange], None]


class Seen(NamedTuple):
    """A request that came."""

    method: str
    path: str
    headers: Message


@dataclass
class Rule:
    """What happens to which requests.

    Attributes:
        fault: What happens.
        method: A regular expression that the whole method fits.
        path: A regular expression found in the path with its query.
        when: Told the number of the fitting request, from 1, says whether the fault happens.
        happened: How often it did.
    """

    fault: Fault
    method: str = ".*"
    path: str = ""
    when: Callable[[int], bool] = lambda number: True
    happened: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    def applies(self, method: str, path: str) -> bool:
        """Count a request that fits, and say whether the fault is due."""
        due = bool(re.fullmatch(self.method, method) and re.search(self.path, path) and self.when(next(self._numbers)))
        self.happened += due
        return due


def nth(number: int) -> Callable[[int], bool]:
    """Only this one of the requests that fit."""
    return lambda seen: seen == number


def every(number: int) -> Callable[[int], bool]:
    """Each one in so many."""
    return lambda seen: seen % number == 0


def share(part: float, seed: int = 7) -> Callable[[int], bool]:
    """This part of them, by chance that is the same each time."""
    chance = random.Random(seed)
    return lambda _: chance.random() < part


def status(code: int, name: str = "SlowDown") -> Fault:
    """Answer with an error of S3 instead of asking the store."""
    body = BUSY.format(name).encode()
    return lambda exchange: exchange.answer(code, [("Content-Length", str(len(body)))], [body])


def cut(exchange: Exchange) -> None:
    """Reset the connection before the store hears of it."""
    exchange.hang_up()


def cut_after(exchange: Exchange) -> None:
    """Let the store do it and reset the connection instead of answering."""
    exchange.forward().read()
    exchange.hang_up()


def truncate(left: int) -> Fault:
    """Reset the connection after so many bytes of the body, whose whole length was announced."""

    def fault(exchange: Exchange) -> None:
        response = exchange.forward()
        exchange.answer(response.status, response.getheaders(), [response.read()[:left]])
        exchange.hang_up()

    return fault


def delay(seconds: float) -> Fault:
    """Wait before the store is asked."""

    def fault(exchange: Exchange) -> None:
        time.sleep(seconds)
        pass_on(exchange)

    return fault


def blackhole(seconds: float) -> Fault:
    """Let nothing through for so long from the first request; then it goes on, as lost packets are sent again."""
    ends: list[float] = []

    def fault(exchange: Exchange) -> None:
        ends.append(time.monotonic() + seconds)
        time.sleep(max(0.0, ends[0] - time.monotonic()))
        pass_on(exchange)

    return fault


def slow(bytes_per_second: int) -> Fault:
    """Let bodies through at this speed, both ways."""

    def trickle(response: http.client.HTTPResponse) -> Iterator[bytes]:
        while piece := response.read(PIECE):
            time.sleep(len(piece) / bytes_per_second)
            yield piece

    def fault(exchange: Exchange) -> None:
        response = exchange.forward(bytes_per_second)
        exchange.answer(response.status, response.getheaders(), trickle(response))

    return fault


def pass_on(exchange: Exchange) -> None:
    """Do what a proxy does."""
    response = exchange.forward()
    exchange.answer(response.status, response.getheaders(), iter(lambda: response.read(PIECE), b""))


class Proxy(ThreadingHTTPServer):
    """Serves on loopback; `rules` may be changed at any time, `seen` holds every request."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, store: str, rules: list[Rule], trust: ssl.SSLContext | None) -> None:
        """Listen on a free port."""
        self.store, self.rules, self.trust = urlsplit(store), rules, trust
        self.seen: list[Seen] = []
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """The address that stands for the store's."""
        return f"http://127.0.0.1:{self.server_port}"

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection to the store."""
        where = self.store.hostname or "", self.store.port
        if self.store.scheme == "https":
            return http.client.HTTPSConnection(*where, context=self.trust)
        return http.client.HTTPConnection(*where)

    def fault_for(self, request: Seen) -> Fault:
        """Note a request and say what happens to it: the first rule that applies."""
        with self.lock:
            self.seen.append(request)
            return next((rule.fault for rule in self.rules if rule.applies(request.method, request.path)), pass_on)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def _serve(self) -> None:
        self._left = int(self.headers.get("Content-Length") or 0)
        upstream = self.server.connect()

        def forward(bytes_per_second: float = float("inf")) -> http.client.HTTPResponse:
            body = self._receive(bytes_per_second)
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in HOP | {"expect"}:
                    upstream.putheader(name, value)
            upstream.endheaders(body)
            return upstream.getresponse()

        try:
            fault = self.server.fault_for(Seen(self.command, self.path, self.headers))
            fault(Exchange(forward, self._answer, self._hang_up))
        except OSError:  # whoever asked has gone
            self.close_connection = True
        finally:
            upstream.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve

    def _receive(self, bytes_per_second: float = float("inf")) -> bytes:
        """What is left of the request's body."""
        pieces = []
        while piece := self.rfile.read(min(self._left, PIECE)):
            pieces.append(piece)
            self._left -= len(piece)
            time.sleep(len(piece) / bytes_per_second)
        return b"".join(pieces)

    def _answer(self, code: int, headers: list[tuple[str, str]], body: Iterable[bytes]) -> None:
        self._receive()
        self.send_response_only(code)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        if self.command != "HEAD" and code != 204 and "content-length" not in {name.lower() for name, _ in headers}:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        for piece in body if self.command != "HEAD" else ():
            self.wfile.write(piece)
        self.wfile.flush()

    def _hang_up(self) -> None:
        self._receive()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def finish(self) -> None:
        if self.connection.fileno() >= 0:
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def faulty_proxy(store: str, rules: list[Rule] | None = None, trust: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """Stand in front of a store.

    Args:
        store: Its address, http or https.
        rules: What happens to which requests; the first that applies counts.
        trust: What its certificate is checked with, where it speaks TLS.

    Yields:
        The proxy.
    """
    with Proxy(store, rules if rules is not None else [], trust) as proxy:
        threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True).start()
        yield proxy
        proxy.shutdown()
