"""Servers on loopback that fail in a certain way: behind another CA, speaking no TLS, answering one thing only."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

from dataops.platform import ca


@dataclass(frozen=True)
class Certificates:
    """Files of a CA, of a server it signed (for 127.0.0.1 only), and of a CA that did not."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The CA that signed the server's certificate."""
        return self.folder / "ca.pem"

    @property
    def other(self) -> Path:
        """A CA that signed nothing."""
        return self.folder / "other.pem"

    def file(self, name: str, content: bytes) -> Path:
        """Write one more file and return it."""
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def context(self) -> ssl.SSLContext:
        """What the server needs to speak TLS."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        return made


def make_certificates(folder: Path) -> Certificates:
    """Make both CAs and the server's certificate."""
    authority, key = ca.new_ca()
    certificate, server_key = ca.new_server(authority, key, ["127.0.0.1"])
    files = {"ca.pem": authority, "server.pem": certificate, "server.key": server_key, "other.pem": ca.new_ca()[0]}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Certificates(folder)


@contextmanager
def http_server(answer: str, tls: ssl.SSLContext | None = None, status: int = 200) -> Iterator[int]:
    """Serve one answer to every request and yield the port."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            asked = b""
            with suppress(OSError):
                # a client that speaks TLS (0x16) waits for an answer without sending a line
                while b"\r\n\r\n" not in asked and asked[:1] != b"\x16":
                    if not (more := self.request.recv(65536)):
                        return
                    asked += more
                head = f"HTTP/1.1 {status} x\r\nContent-Length: {len(answer)}\r\nConnection: close\r\n\r\n"
                self.request.sendall((head + answer).encode())

    with _served(Handler, tls) as port:
        yield port


@contextmanager
def file_server(folder: Path, tls: ssl.SSLContext, sign_in: str = "") -> Iterator[str]:
    """Serve a folder's files, to who sends `sign_in` as the header Authorization, and yield the address."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def do_GET(self) -> None:
            if sign_in and self.headers["Authorization"] != sign_in:
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Basic")
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                super().do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def postgres_server(tls: ssl.SSLContext) -> Iterator[int]:
    """Serve PostgreSQL's greeting and TLS, nothing behind it, and yield the port."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.request.recv(8)
                self.request.sendall(b"S")  # yes, TLS
                tls.wrap_socket(self.request, server_side=True).close()

    with _served(Handler, None) as port:
        yield port


@contextmanager
def _served(handler: type[BaseRequestHandler], tls: ssl.SSLContext | None) -> Iterator[int]:
    with ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
