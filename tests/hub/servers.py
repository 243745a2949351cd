"""What the hub talks to, on loopback: the proxy's API, and a Kubernetes that does what a test tells it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class Answering(BaseHTTPRequestHandler):
    """Hands each request to the `answer` of the thing that is served."""

    thing: Any

    def _respond(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        status, headers, content = self.thing.answer(self.command, self.path, body)
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        with suppress(BrokenPipeError):  # the hub has ended meanwhile
            self.end_headers()
            self.wfile.write(data)

    do_GET = do_POST = do_DELETE = do_PATCH = _respond

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing; the hub's own log names what it asked for."""


@contextmanager
def served(thing: Any) -> Iterator[str]:
    """Serve a thing on a free port of loopback while the block runs, and hand over its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Answering,), {"thing": thing}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Proxy:
    """The routes that the hub hands to its proxy."""

    def __init__(self) -> None:
        """Start without routes."""
        self.routes: dict[str, Any] = {}

    def answer(self, method: str, target: str, body: str) -> tuple[int, dict[str, str], Any]:
        """Answer one request as configurable-http-proxy does."""
        path = urlsplit(target).path.removeprefix("/api/routes") or "/"
        if method == "GET":
            return 200, {}, self.routes
        if method == "POST":
            self.routes[path] = json.loads(body)
            return 201, {}, b""
        self.routes.pop(path, None)
        return 204, {}, b""


class Kubernetes:
    """Pods, claims and events by namespace.

    Attributes:
        refusals: What to answer to who makes an object: by its plural, the status and the message.
        unplaced: What the scheduler says about each new pod; empty leaves pods pending without a word.
        made: What was asked for, as the namespace, the plural and the object.
    """

    def __init__(self) -> None:
        """Start empty and without a grudge."""
        self.refusals: dict[str, tuple[int, str]] = {}
        self.unplaced = ""
        self.made: list[tuple[str, str, dict[str, Any]]] = []
        self._there: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}

    def answer(self, method: str, target: str, body: str) -> tuple[int, dict[str, str], Any]:
        """Answer one request as an API server does."""
        url = urlsplit(target)
        _, _, _, _, namespace, plural, *name = url.path.split("/")
        there = self._there.setdefault((namespace, plural), {})
        if method == "GET" and "watch=" in url.query.lower():
            time.sleep(0.2)
            return 200, {}, b""
        if method == "GET" and name:
            return (200, {}, there[name[0]]) if name[0] in there else _status(404, f"{name[0]} not found")
        if method == "GET":
            return 200, {}, {"metadata": {"resourceVersion": "1"}, "items": list(there.values())}
        if method == "DELETE":
            return (200, {}, there.pop(name[0])) if name[0] in there else _status(404, f"{name[0]} not found")
        if plural in self.refusals:
            return _status(*self.refusals[plural])
        made = json.loads(body)
        made["metadata"] |= {"namespace": namespace, "uid": str(len(self.made))}
        made["status"] = {"phase": "Pending"}
        self.made.append((namespace, plural, made))
        there[made["metadata"]["name"]] = made
        if plural == "pods" and self.unplaced:
            self._event(namespace, made["metadata"]["name"])
        return 201, {}, made

    def _event(self, namespace: str, pod: str) -> None:
        about = {"name": f"{pod}.{len(self.made)}", "namespace": namespace, "uid": f"event-{len(self.made)}"}
        self._there.setdefault((namespace, "events"), {})[about["name"]] = {
            "metadata": about,
            "involvedObject": {"kind": "Pod", "name": pod},
            "type": "Warning",
            "reason": "FailedScheduling",
            "message": self.unplaced,
            "lastTimestamp": "2026-01-01T00:00:00Z",
            "eventTime": None,
        }


def _status(code: int, message: str) -> tuple[int, dict[str, str], Any]:
    return code, {}, {"kind": "Status", "status": "Failure", "message": message, "code": code}
