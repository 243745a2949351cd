"""A host that does not resolve, is taken, or shows a certificate nobody trusts is told before and after a deploy."""

from typing import Any

import pytest
from kubernetes import client

from dataops.platform import trust
from dataops.platform.doctor.checks import pages
from dataops.platform.doctor.findings import Finding
from dataops.platform.report import PAGES
from tests.unit.platform.doctor.api import Api, context
from tests.unit.platform.fakes import environment
from tests.unit.tls import Certificates, http_server, make_certificates

PATH = "/apis/route.openshift.io/v1/namespaces/dataops/routes/mlflow"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def look(http: client.ApiClient, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is found about a Route while the router answers with a status."""

    def ask(status: int, authority: str = "", host: str = "127.0.0.1") -> Finding:
        text = authority or certificates.authority.read_text(encoding="utf-8")
        monkeypatch.setattr(trust, "bundle", lambda cluster, place: text)
        route = {
            "apiVersion": "route.openshift.io/v1",
            "kind": "Route",
            "metadata": {"name": "mlflow"},
            "spec": {"host": host},
        }
        with http_server("", certificates.context(), status) as port:
            monkeypatch.setattr(pages, "HTTPS", port)
            (said,) = pages.check(context(http, [route]))
        return said

    return ask


@pytest.mark.parametrize(
    ("status", "severity", "said"),
    [
        (503, "ok", "is free"),
        (404, "ok", "is free"),
        (200, "error", "answers already (200)"),
        (302, "error", "already"),
    ],
)
def test_before_a_deploy_the_host_must_be_free(look: Any, status: int, severity: str, said: str) -> None:
    found = look(status)
    assert found.severity == severity and said in found.what


@pytest.mark.parametrize(
    ("status", "severity"), [(200, "ok"), (302, "ok"), (401, "ok"), (503, "error"), (500, "error")]
)
def test_after_a_deploy_the_page_must_answer(api: Api, look: Any, status: int, severity: str) -> None:
    api.objects[PATH] = {"status": {"ingress": [{"conditions": [{"type": "Admitted", "status": "True"}]}]}}
    assert look(status).severity == severity


def test_a_host_that_another_route_has_is_told_in_the_routers_words(api: Api, look: Any) -> None:
    refusal = {
        "type": "Admitted",
        "status": "False",
        "reason": "HostAlreadyClaimed",
        "message": "route mlflow already exposes it",
    }
    api.objects[PATH] = {"status": {"ingress": [{"conditions": [refusal]}]}}
    found = look(200)
    assert found.severity == "error"
    assert found.what == "the router refuses Route mlflow: HostAlreadyClaimed route mlflow already exposes it"


def test_a_certificate_nobody_trusts_and_a_name_without_address_are_told(look: Any, certificates: Certificates) -> None:
    found = look(200, authority=certificates.other.read_text(encoding="utf-8"))
    assert found.severity == "error" and "page mlflow: the certificate of 127.0.0.1" in found.what
    found = look(200, host="mlflow.apps.invalid")
    assert found.severity == "error" and "mlflow.apps.invalid does not resolve" in found.what


def test_node_ports_are_asked_once_something_is_installed(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_server("") as port, http_server("", status=502) as broken:
        ports = {page.key: port for page in PAGES} | {"mlflow": broken}
        place = environment(exposure="nodePort", domain="127.0.0.1", nodePorts=ports)
        (said,) = pages.check(context(http, place=place))
        assert "after the first" in said.what
        found = list(pages.check(context(http, place=place, releases={"mlflow": None})))
    assert [one.severity for one in found] == ["ok", "ok", "error", "ok"] and "answers 502" in found[2].what
