"""What only notebooks need: the folder that people share, and the mirror that pip asks."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from kubernetes import client

from dataops.platform.doctor import mirror
from dataops.platform.doctor.checks import packages, shared
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding
from dataops.platform.kube import Cluster
from dataops.platform.smoke.context import CheckFailed
from tests.unit.platform.doctor.api import Api, context
from tests.unit.platform.fakes import environment

CLAIM = "/api/v1/namespaces/{}/persistentvolumeclaims/team"
INDEX = "https://mirror.test/simple"


def claim(mode: str = "ReadWriteMany", phase: str = "Bound") -> dict[str, Any]:
    """A volume claim as the API server shows it."""
    return {"metadata": {"name": "team"}, "spec": {"accessModes": [mode]}, "status": {"phase": phase}}


def place(http: client.ApiClient, claim: str, **facts: Any) -> Context:
    """A place whose hub is told of a claim."""
    settings = yaml.safe_dump({"user": {"sharedClaim": claim}})
    hub = {"kind": "ConfigMap", "metadata": {"name": "hub"}, "data": {"settings.yaml": settings}}
    return context(http, [hub], environment("openshift", registry="registry.test/dataops", **facts))


def test_without_a_shared_folder_nobody_is_asked(api: Api, http: client.ApiClient) -> None:
    (said,) = shared.check(place(http, ""))
    assert said.severity == "ok" and "no shared folder" in said.what and not api.asked


@pytest.mark.parametrize(
    ("there", "severity", "words"),
    [
        (claim(), "ok", "is there for many pods at once"),
        (None, "error", "claim team does not exist in namespace dataops-users, so no server starts there"),
        (claim("ReadWriteOnce"), "error", "is ReadWriteOnce: pods of one node alone can mount it"),
        (claim(phase="Pending"), "warning", "has no volume yet (Pending)"),
    ],
)
def test_the_claim_is_there_and_for_many(
    api: Api, http: client.ApiClient, there: dict[str, Any] | None, severity: str, words: str
) -> None:
    if there:
        api.objects[CLAIM.format("dataops-users")] = there
    (said,) = shared.check(place(http, "team"))
    assert said.severity == severity and words in said.what
    assert severity == "ok" or said.fix


def test_with_a_namespace_each_every_person_needs_it(api: Api, http: client.ApiClient) -> None:
    made = place(http, "team", users=["anna", "ben"])
    first, second = made.environment.own_namespaces.values()
    api.objects[CLAIM.format(first)] = claim()
    assert [(one.severity, second in one.what) for one in shared.check(made)] == [("ok", False), ("error", True)]


def asked(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch, answer: Any, deployed: bool = True, **facts: Any
) -> tuple[Finding, list[dict[str, Any]]]:
    """What the check says when its pod says so, and the pods that it started."""
    started: list[dict[str, Any]] = []

    def run_pod(made: Any, pod: dict[str, Any], timeout: float) -> dict[str, Any]:
        started.append(pod)
        if isinstance(answer, Exception):
            raise answer
        return {"finding": answer}

    known = SimpleNamespace(data={"SPARK_EXECUTOR_IMAGE": "registry.test/dataops/spark:1"}) if deployed else None
    monkeypatch.setattr(Cluster, "config_map", lambda self, namespace, name: known)
    monkeypatch.setattr(packages, "run_pod", run_pod)
    (said,) = packages.check(place(http, "", **facts))
    return said, started


@pytest.mark.parametrize(
    ("facts", "deployed", "severity", "words"),
    [
        ({}, True, "ok", "no package mirror"),
        ({"packages": {"index": INDEX}, "egress": {}}, True, "error", f"policies let no notebook go to {INDEX}"),
        ({"packages": {"index": INDEX}, "egress": {"packages": []}}, False, "ok", "is asked after the first"),
    ],
)
def test_no_pod_asks_what_the_facts_tell(
    http: client.ApiClient,
    monkeypatch: pytest.MonkeyPatch,
    facts: dict[str, Any],
    deployed: bool,
    severity: str,
    words: str,
) -> None:
    said, started = asked(http, monkeypatch, None, deployed, **facts)
    assert said.severity == severity and words in said.what and not started


@pytest.mark.parametrize(
    ("answer", "words"),
    [(["error", "unreachable", "open it", ""], "unreachable"), (CheckFailed("it has no pod"), "not asked: it has no")],
)
def test_a_notebooks_pod_asks_the_mirror(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch, answer: Any, words: str
) -> None:
    facts: dict[str, Any] = {"packages": {"index": INDEX}, "egress": {"packages": []}}
    said, (pod,) = asked(http, monkeypatch, answer, **facts)
    assert said.severity == "error" and words in said.what and said.fix
    labels, spec = pod["metadata"]["labels"], pod["spec"]
    assert (labels["app.kubernetes.io/name"], labels["app.kubernetes.io/component"]) == ("jupyterhub", "notebook")
    assert pod["metadata"]["namespace"] == "dataops-users"
    assert "secret" not in str(spec).lower().replace("imagepullsecrets", "")


@pytest.fixture
def index() -> Iterator[str]:
    """A mirror that has pip, below another path pages that list nothing, and nothing else."""
    pages = {"/simple/pip/": '<a href="pip-26.0.tar.gz">pip-26.0.tar.gz</a>', "/portal/pip/": "<h1>Welcome</h1>"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the name http.server looks for
            text = pages.get(self.path, "").encode()
            self.send_response(200 if text else 404)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "severity", "words"),
    [
        ("/simple/", "ok", "notebooks reach the package mirror"),
        ("", "error", "answers 404 for"),
        ("/portal", "error", "lists no package"),
    ],
)
def test_the_mirror_is_asked_as_pip_asks(index: str, path: str, severity: str, words: str) -> None:
    found = mirror.ask(index + path, ssl.create_default_context())
    assert found[0] == severity and words in found[1]


def test_a_mirror_out_of_reach_is_said_with_its_reason() -> None:
    severity, what, fix, _ = mirror.ask("http://127.0.0.1:9/simple", ssl.create_default_context())
    assert severity == "error" and "Connection refused" in what and "global.egress.packages" in fix
