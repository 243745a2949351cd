"""A registry that refuses, an image it lacks, a pull secret that is missing and a tag without digest are each told."""

import json
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from dataops.errors import UserError
from dataops.platform import guard, registry
from dataops.platform.doctor.checks import images
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding
from dataops.platform.kube import Cluster
from tests.unit.platform.doctor.api import context
from tests.unit.platform.fakes import environment

DIGEST = "sha256:" + "ab" * 32
BY_TAG, BY_DIGEST = "registry.test/dataops/spark:1", f"registry.test/dataops/spark@{DIGEST}"
LOGIN = json.dumps({"auths": {"registry.test": {"auth": "cHVsbGVyOnB3"}}}).encode()
PULLED = {f"{place}/login": LOGIN for place in ("dataops", "dataops-users", "dataops-jobs")}
SECRETS: dict[str, Any] = {"imagePullSecrets": [{"name": "login"}]}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """What a registry that gives everything was asked for, with whose log-in."""
    found: list[tuple[str, bytes]] = []

    def digest(reference: str, login: Path | None = None) -> str:
        found.append((reference, login.read_bytes() if login else b""))
        return DIGEST

    monkeypatch.setattr(registry, "digest", digest)
    return found


def told(
    http: client.ApiClient,
    monkeypatch: pytest.MonkeyPatch,
    image: str,
    secrets: dict[str, bytes] | None = None,
    refusal: str = "",
    **facts: Any,
) -> list[Finding]:
    """What is found about one rendered image."""
    place = environment("openshift", registry="registry.test/dataops", **facts)
    made = context(http, rendered=f'image: "{image}"\n', place=place, _tags=({}, refusal))
    kept = {name: {images.CONFIG: content} for name, content in (secrets or {}).items()}
    monkeypatch.setattr(Cluster, "secret", lambda self, namespace, name: kept.get(f"{namespace}/{name}"))
    return list(images.check(made))


def test_an_image_by_digest_is_well_and_one_by_tag_is_a_warning(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (said,) = told(http, monkeypatch, BY_DIGEST)
    assert said.severity == "ok" and said.what == "the registry has all 1 images"
    _, said = told(http, monkeypatch, BY_TAG)
    assert said.severity == "warning" and f"may come to mean another: {BY_TAG}" in said.what


def test_a_running_platform_that_names_a_tag_is_a_warning(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Context, "deployed", True)
    monkeypatch.setattr(Context, "job_image", BY_TAG)
    _, said = told(http, monkeypatch, BY_DIGEST)
    assert said.severity == "warning" and BY_TAG in said.what


def test_a_registry_that_refuses_is_one_finding_and_everything_else_is_still_rendered(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (said,) = told(http, monkeypatch, BY_TAG, refusal="registry registry.test refuses you")
    assert said.severity == "error" and said.what == "registry registry.test refuses you" and said.fix

    def refuse(root: Path, place: Any) -> dict[str, str]:
        raise UserError("registry registry.test is unreachable")

    monkeypatch.setattr("dataops.platform.doctor.context.image_tags", refuse)
    monkeypatch.setattr(
        "dataops.platform.doctor.context.image_refs", lambda root: {"spark": "localhost/dataops/spark:1"}
    )
    made = Context(Path(), Cluster(None, "c", "s", http), environment("openshift"))
    assert made._tags == ({"spark": "1"}, "registry registry.test is unreachable")
    assert made.no_digests == "registry registry.test is unreachable"


def test_each_pull_secret_is_tried_with_its_own_log_in(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch, asked: list[tuple[str, bytes]]
) -> None:
    found = told(http, monkeypatch, BY_DIGEST, PULLED, **SECRETS)
    assert [one.severity for one in found] == ["ok", "ok"] and asked == [(BY_DIGEST, LOGIN)]
    assert found[1].what == "pull secret dataops/login gets all 1 images"


@pytest.mark.parametrize("answer", [UserError("registry registry.test refuses you"), None])
def test_a_pull_secret_that_is_refused_is_told(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch, answer: UserError | None
) -> None:
    def digest(reference: str, login: Path | None = None) -> None:
        if answer:
            raise answer

    monkeypatch.setattr(registry, "digest", digest)
    _, said = told(http, monkeypatch, BY_DIGEST, PULLED, **SECRETS)
    assert said.severity == "error" and "pull secret dataops/login" in said.what and "may pull" in said.fix


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("content", [None, b"no json", b"[]", b"{}"])
def test_each_namespace_needs_a_readable_pull_secret(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    kept = {name: value for name, value in PULLED.items() if name != "dataops-jobs/login"}
    if content is not None:
        kept["dataops-jobs/login"] = content
    (problem,) = [one for one in told(http, monkeypatch, BY_DIGEST, kept, **SECRETS) if one.severity != "ok"]
    assert problem.severity == "error" and "pull secret login is missing in dataops-jobs" in problem.what
    assert "kubectl -n dataops-jobs create secret generic login" in problem.fix


def test_a_node_of_this_machine_pulls_nothing(http: client.ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "provider", lambda cluster: "node")
    made = context(http, rendered="image: localhost/dataops/spark:1", place=environment(registry="localhost/dataops"))
    (said,) = images.check(made)
    assert said.severity == "ok" and "1 images are loaded into the node" in said.what
