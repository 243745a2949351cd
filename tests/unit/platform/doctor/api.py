"""An API server on loopback that knows what a test tells it, asked by the real client of Kubernetes."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kubernetes import client

from dataops.platform import helm
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding
from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster
from tests.unit.platform.fakes import environment

Answer = tuple[int, Any, dict[str, str]]
KINDS = {
    "v1": {"Pod": "pods", "Secret": "secrets", "ConfigMap": "configmaps"},
    "apps/v1": {"Deployment": "deployments"},
    "rbac.authorization.k8s.io/v1": {"Role": "roles"},
    "route.openshift.io/v1": {"Route": "routes"},
}


def refusal(status: int, message: str) -> Answer:
    """How an API server says no."""
    return status, {"kind": "Status", "status": "Failure", "message": message, "code": status}, {}


@dataclass
class Api:
    """What the server knows.

    Attributes:
        objects: What GET answers, by path.
        denied: The rights one lacks, as `verb resource.group namespace`.
        kinds: The kinds it serves.
        admit: Says what a dry run of a pod answers.
        asked: Every request but reviews, as `METHOD path`, and its body.
    """

    objects: dict[str, Any] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    kinds: dict[str, dict[str, str]] = field(default_factory=lambda: dict(KINDS))
    admit: Callable[[str, dict[str, Any]], Answer] = lambda namespace, pod: (201, pod, {})
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def answer(self, method: str, target: str, body: Any) -> Answer:
        """Answer one request."""
        path = urlsplit(target).path
        if path.endswith("/selfsubjectaccessreviews"):
            wanted = body["spec"]["resourceAttributes"]
            resource = "/".join(filter(None, [wanted["resource"], wanted.get("subresource")]))
            right = f"{wanted['verb']} {'.'.join(filter(None, [resource, wanted.get('group')]))} {wanted['namespace']}"
            return 201, {"spec": body["spec"], "status": {"allowed": right not in self.denied}}, {}
        self.asked.append((f"{method} {path}", body))
        if method == "POST" and path.endswith("/pods"):
            assert parse_qs(urlsplit(target).query)["dryRun"] == ["All"]
            return self.admit(path.split("/")[4], body)
        if path == "/apis/" or path == "/apis":
            groups = sorted({version.partition("/")[0] for version in self.kinds if "/" in version})
            listed = [{"name": name, "versions": [{"groupVersion": f"{name}/v1", "version": "v1"}]} for name in groups]
            return 200, {"kind": "APIGroupList", "groups": listed}, {}
        version = path.removeprefix("/apis/").removeprefix("/api/").rstrip("/")
        if version in self.kinds:
            resources = [
                {"name": plural, "kind": kind, "namespaced": True, "singularName": "", "verbs": ["get"]}
                for kind, plural in self.kinds[version].items()
            ]
            return 200, {"kind": "APIResourceList", "groupVersion": version, "resources": resources}, {}
        if path in self.objects:
            found = self.objects[path]
            return found if isinstance(found, tuple) else (200, found, {})
        return refusal(404, f"{path} not found")


@contextmanager
def serve(api: Api) -> Iterator[client.ApiClient]:
    """Serve it, and yield a client of it."""

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, content, headers = api.answer(self.command, self.path, body)
            text = json.dumps(content).encode()
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(text)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815 - the names http.server looks for

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        configuration = client.Configuration()
        configuration.host = f"http://127.0.0.1:{server.server_address[1]}"
        yield client.ApiClient(configuration)
        server.shutdown()


def context(
    http: client.ApiClient, objects: list[dict[str, Any]] | None = None, place: Environment | None = None, **known: Any
) -> Context:
    """A check's context on that server, with rendered objects and what else a test knows in advance."""
    there = place or environment("openshift", registry="registry.test/dataops", exposure="route", domain="apps.test")
    made = Context(Path("."), Cluster(None, "ctx", str(http.configuration.host), http), there)
    rendered = [
        {"apiVersion": "v1", "metadata": {"name": "x", **one.pop("metadata", {})}, **one} for one in objects or []
    ]
    text = "\n---\n".join(json.dumps(one) for one in rendered)
    parsed = helm.parse(text)
    made.__dict__ |= {
        "charts": [],
        "rendered": text,
        "objects": [(one["metadata"].get("namespace", there.servers), one) for one in parsed],
        "releases": {},
        **known,
    }
    return made


def bad(found: list[Finding]) -> list[Finding]:
    """What is not well."""
    return [one for one in found if one.severity != "ok"]


def deployment(cpu: str = "1", **spec: Any) -> dict[str, Any]:
    """A rendered Deployment of two pods."""
    container = {"name": "c", "image": "registry.test/dataops/spark:1", "resources": {"requests": {"cpu": cpu}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "spec": {"replicas": 2, "template": {"spec": {"containers": [container], **spec}}},
    }
