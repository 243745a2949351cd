"""The other ways in, each on a running hub against somebody who knows people: OIDC, OpenShift, LDAP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from dataops.platform.smoke.context import Context
from dataops.platform.smoke.hub import USER
from dataops.platform.smoke.hub import Hub as SmokeHub
from tests.hub.directories import Provider, ldap_server
from tests.hub.hub import PASSWORD, SMOKE_TOKEN, Hub, running_hub, text
from tests.hub.servers import served
from tests.unit.platform.fakes import environment
from tests.unit.tls import make_certificates

ANNA = "uid=anna,ou=people,dc=example,dc=com"
BY_OPENSHIFT = "c.OpenShiftOAuthenticator.openshift_url = {url!r}"


@contextmanager
def hub_of(provider: Provider, folder: Path, kind: str, **more: Any) -> Iterator[Hub]:
    """A hub whose people log in there; plain http is for loopback only."""
    with served(provider) as provider.url:
        paths = {"authorizeUrl": "/oauth/authorize", "tokenUrl": "/oauth/token", "userdataUrl": "/userinfo"}
        # the hub comes to know its own address late; a path is enough for a browser that is there already
        login = {"kind": kind, "callback": "", **{key: provider.url + path for key, path in paths.items()}, **more}
        wrapper = BY_OPENSHIFT.format(url=provider.url) if kind == "openshift" else ""
        with running_hub(folder, wrapper=wrapper, login=login) as hub:
            yield hub


def arrive(hub: Hub, provider: Provider, name: str, *groups: str) -> httpx.Response:
    """Log in as somebody whom the provider knows, and come to the first page."""
    provider.name, provider.groups = name, list(groups)
    return hub.browser().get("/hub/oauth_login?next=%2Fhub%2Fhome")


@pytest.mark.parametrize("kind", ["oidc", "openshift"])
def test_by_oauth(tmp_path: Path, kind: str) -> None:
    provider = Provider()
    with hub_of(provider, tmp_path, kind, groups=["data"], admins=["root-anna"]) as hub:
        inside = arrive(hub, provider, "anna", "data", "other")
        assert inside.url.path == "/hub/home" and "anna" in text(inside) and "Admin" not in text(inside)
        assert "Admin" in text(arrive(hub, provider, "root-anna", "data"))
        assert arrive(hub, provider, "mallory", "other").status_code == 403
        for name in ("smoke", "mlflow-jobs", "anna smith", "a/b"):
            assert arrive(hub, provider, name, "data").status_code == 403, name
        assert "the-secret-of-the-client" not in hub.log()


def test_by_ldap(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    with ldap_server(certificates, {ANNA: PASSWORD}) as port:
        login = {"kind": "ldap", "server": "127.0.0.1", "port": port, "bindDn": [ANNA.replace("anna", "{username}")]}
        with running_hub(tmp_path, login=login) as hub:
            assert hub.browser().log_in("anna", PASSWORD).url.path == "/hub/home"
            for name, password in (("anna", "wrong-one"), ("anna", ""), ("ben", PASSWORD), ("smoke", PASSWORD)):
                assert "Invalid username or password" in text(hub.browser().log_in(name, password)), name
            # a name is no part of a directory's language
            assert "Invalid username or password" in text(hub.browser().log_in("anna,ou=people", PASSWORD))
            assert PASSWORD not in hub.log()
            # another directory in its place is not told any password
            (tmp_path / "ca.pem").write_bytes(certificates.other.read_bytes())
            assert hub.browser().log_in("anna", PASSWORD).url.path != "/hub/home"
            the_smoke_run_gets_in(hub)


def the_smoke_run_gets_in(hub: Hub) -> None:
    """By its own token, as its user and no other."""
    hub.kubernetes.unplaced = "0/1 nodes are available: 1 Insufficient cpu."

    def http(_: str, headers: dict[str, str] | None = None, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=hub.url, headers=headers, timeout=60, **options)

    place = environment(login={"kind": "ldap"})
    facts = SimpleNamespace(environment=place, http=http, url=lambda _: hub.url, trust=None)
    facts.secret = lambda name, key: {("hub-smoke", "token"): SMOKE_TOKEN}[name, key]
    smoke = SmokeHub(cast(Context, facts))
    with pytest.raises(Exception, match="No node has room"), smoke.server():
        pass  # there is no cluster; that it was asked for is enough
    assert any(
        pod["metadata"]["name"] == f"jupyter-{USER}" for _, plural, pod in hub.kubernetes.made if plural == "pods"
    )
    bearer = {"Authorization": f"token {SMOKE_TOKEN}"}
    for path in ("/hub/api/users/anna/server", "/hub/api/users/anna/tokens"):
        assert httpx.post(hub.url + path, headers=bearer, json={}).status_code in (403, 404), path
