"""A registry that refuses, an image it lacks, a pull secret that is missing and a tag without digest are each told."""

import base64
import json
import ssl
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from kubernetes import client

from dataops.platform import guard
from dataops.platform.doctor import registry
from dataops.platform.doctor.checks import images
from dataops.platform.doctor.findings import Finding
from tests.unit.platform.doctor.api import context
from tests.unit.platform.fakes import environment

CLIENT = httpx.Client
DIGEST = "sha256:" + "ab" * 32
BY_TAG, BY_DIGEST = "registry.test/dataops/spark:1", f"registry.test/dataops/spark@{DIGEST}"
REALM = 'Bearer realm="https://login.test/token",service="registry",scope="repository:dataops/spark:pull"'


def auths(**entry: str) -> bytes:
    return json.dumps({"auths": {"registry.test": entry}}).encode()


LOGIN = auths(auth=base64.b64encode(b"puller:pw").decode())


def client_of(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer))


def test_references_are_taken_apart() -> None:
    assert registry.split("r.test:5000/a/b:1") == ("r.test:5000", "a/b", "1")
    assert registry.split(BY_DIGEST) == ("registry.test", "dataops/spark", DIGEST)


def test_an_open_registry_gives_the_digest() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.method == "HEAD" and str(request.url) == "https://registry.test/v2/dataops/spark/manifests/1"
        assert "oci.image.index" in request.headers["Accept"]
        return httpx.Response(200, headers={"Docker-Content-Digest": DIGEST})

    assert registry.digest(client_of(answer), BY_TAG, None) == DIGEST


@pytest.mark.parametrize("challenge", ["Basic realm=x", REALM])
def test_a_log_in_is_shown_as_the_registry_wants_it(challenge: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        shown = request.headers.get("Authorization", "")
        basic = "Basic " + base64.b64encode(b"puller:pw").decode()
        if request.url.host == "login.test":
            asked = dict(request.url.params)
            assert shown == basic and asked == {"service": "registry", "scope": "repository:dataops/spark:pull"}
            return httpx.Response(200, json={"token": "t"})
        wanted = "Bearer t" if "Bearer" in challenge else basic
        if shown != wanted:
            return httpx.Response(401, headers={"WWW-Authenticate": challenge})
        return httpx.Response(200, headers={"Docker-Content-Digest": DIGEST})

    assert registry.digest(client_of(answer), BY_TAG, registry.login(LOGIN, BY_TAG)) == DIGEST


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "refuses puller"), (403, "refuses puller"), (404, "does not have it"), (500, "answers 500")],
)
def test_a_registry_that_refuses_says_so(status: int, said: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"WWW-Authenticate": "Basic"})

    with pytest.raises(registry.Refused, match=said):
        registry.digest(client_of(answer), BY_TAG, registry.login(LOGIN, BY_TAG))


def test_a_token_that_is_refused_says_so() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401, headers={"WWW-Authenticate": REALM})

    with pytest.raises(registry.Refused, match="refuses anybody without a log-in"):
        registry.digest(client_of(answer), BY_TAG, None)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("registry.test", True),
        ("https://registry.test/v1/", True),
        ("registry.test/dataops", True),
        ("registry.test/other", False),
        ("registry.testing", False),
    ],
)
def test_a_log_in_is_found_by_the_registrys_name(name: str, found: bool) -> None:
    content = json.dumps({"auths": {name: {"username": "u", "password": "p"}}}).encode()
    assert registry.login(content, BY_TAG) == (registry.Login("u", "p") if found else None)


def told(
    http: client.ApiClient,
    monkeypatch: pytest.MonkeyPatch,
    image: str,
    answer: Callable[[httpx.Request], httpx.Response],
    secrets: dict[str, bytes] | None = None,
    **facts: Any,
) -> list[Finding]:
    """What is found when the registry answers so."""

    def open_client(**options: Any) -> httpx.Client:
        assert isinstance(options["verify"], ssl.SSLContext)
        return CLIENT(transport=httpx.MockTransport(answer))

    monkeypatch.setattr(httpx, "Client", open_client)
    place = environment("openshift", registry="registry.test/dataops", ca={"file": "none"}, **facts)
    made = context(http, rendered=f'image: "{image}"\n', place=place)
    kept = {name: {images.CONFIG: content} for name, content in (secrets or {}).items()}
    monkeypatch.setattr(type(made.cluster), "secret", lambda self, namespace, name: kept.get(f"{namespace}/{name}"))
    return [one for one in images.check(made) if one.severity != "ok" or "gives" in one.what]


def gives(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"Docker-Content-Digest": DIGEST})


def test_an_image_by_digest_is_well_and_one_by_tag_is_a_warning(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (said,) = told(http, monkeypatch, BY_DIGEST, gives)
    assert said.severity == "ok" and said.what == "the registry gives 1 of 1 images"
    first, second = told(http, monkeypatch, BY_TAG, gives)
    assert first.severity == "ok" and second.severity == "warning"
    assert f"{BY_TAG} ({DIGEST[:19]})" in second.what


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_image_that_cannot_be_pulled_is_one_sentence(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    (said,) = told(http, monkeypatch, BY_TAG, lambda request: httpx.Response(status))
    assert said.severity == "error" and said.what.startswith(f"image {BY_TAG}: the registry ") and said.fix


def test_a_registry_out_of_reach_is_said_once(http: client.ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Connection refused")

    (said,) = told(http, monkeypatch, f"{BY_TAG} {BY_DIGEST}", fail)
    assert said.severity == "error" and "registry.test cannot be asked (Connection refused)" in said.what


@pytest.mark.parametrize("content", [None, b"no json", b"[]", b"{}"])
def test_each_namespace_needs_a_readable_pull_secret(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    facts = {"imagePullSecrets": [{"name": "login"}]}
    good = {f"{place}/login": LOGIN for place in ("dataops", "dataops-users", "dataops-jobs")}
    assert [one.severity for one in told(http, monkeypatch, BY_DIGEST, gives, good, **facts)] == ["ok"]
    bad = {**good, "dataops-jobs/login": content} if content is not None else dict(list(good.items())[:2])
    problem = told(http, monkeypatch, BY_DIGEST, gives, bad, **facts)[0]
    assert problem.severity == "error" and "pull secret login is missing in dataops-jobs" in problem.what
    assert "kubectl -n dataops-jobs create secret docker-registry login" in problem.fix


def test_a_node_of_this_machine_pulls_nothing(http: client.ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "provider", lambda cluster: "node")
    made = context(http, rendered="image: localhost/dataops/spark:1", place=environment(registry="localhost/dataops"))
    (said,) = images.check(made)
    assert said.severity == "ok" and "1 images are loaded into the node" in said.what
