"""OpenShift's own admission, on the node: what it refuses, and that restricted-v2 admits every pod of the platform."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from cluster.openshift import hosts, sccs
from dataops.platform.kube import Cluster, connect
from tests.charts.pods import every_platform_pod
from tests.e2e import openshift
from tests.e2e.verbs import ROOT, make

NAMESPACES = {"tried-open": "", "tried-1-25": "v1.25", "tried-latest": "latest"}
RELEASES = sccs.releases()


@pytest.fixture(scope="module")
def admin() -> Iterator[Cluster]:
    """A node of its own that is an OpenShift, as its administrator."""
    assert make("cluster", OPENSHIFT=RELEASES[0]).returncode == 0
    cluster = connect(ROOT / ".cluster" / "kubeconfig")
    accounts = {str(pod.spec.get("serviceAccountName", "default")) for pod in every_platform_pod()}
    for name, security in NAMESPACES.items():
        openshift.make_namespace(cluster, name, security, accounts)
    yield cluster
    assert make("cluster-down").returncode == 0
    assert "site.test" not in hosts.FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest, admin: Cluster) -> str:
    """The node as each release in turn."""
    assert make("cluster", OPENSHIFT=request.param).returncode == 0
    return str(request.param)


def test_each_verdict_is_that_of_openshift(release: str) -> None:
    tenant, wrong = openshift.tenant(), []
    cases = openshift.cases()
    assert len(cases) >= 25
    for case in cases:
        verdict = case["verdict"] if isinstance(case["verdict"], str) else case["verdict"][release]
        answer = openshift.ask(tenant, "tried-open", case["manifest"])
        if answer.constraint != verdict and not (not answer.constraint and verdict in _words(answer.words)):
            wrong.append(f"{case['name']}: expected {verdict}, got {answer}")
    assert not wrong, "\n".join(wrong)


def _words(body: str) -> str:
    """The message of a refusal, without the escapes of JSON."""
    return str(json.loads(body)["message"]) if body.startswith("{") else body


@pytest.mark.parametrize("namespace", [name for name, security in NAMESPACES.items() if security])
def test_every_pod_of_the_platform_is_admitted_by_restricted_v2_without_a_warning(release: str, namespace: str) -> None:
    tenant, wrong = openshift.tenant(), []
    for pod in every_platform_pod():
        manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "tried-"}, "spec": pod.spec}
        answer = openshift.ask(tenant, namespace, manifest)
        if answer != openshift.Answer("restricted-v2", ""):
            wrong.append(f"{pod}: {answer}")
    assert not wrong, "\n".join(wrong)


def test_an_administrators_own_pods_hide_failures(release: str, admin: Cluster) -> None:
    """Why everything here is asked as a tenant: an administrator may use every constraint, and gets anyuid first."""
    root = next(case["manifest"] for case in openshift.cases() if case["name"] == "user id of an image")
    assert openshift.ask(admin, "tried-open", root).constraint == "anyuid"


def test_nobody_may_enter_a_pod_beyond_their_rights(release: str, admin: Cluster) -> None:
    """The webhook fails closed for running pods too: `exec` is judged as if the pod were made by whoever enters it."""
    fixed = next(case["manifest"] for case in openshift.cases() if case["name"] == "root")
    made = admin.core.create_namespaced_pod("tried-open", fixed)
    try:
        tenant = openshift.tenant()
        with pytest.raises(Exception, match="exec operation is not allowed because the pod's security context exceeds"):
            tenant.core.connect_get_namespaced_pod_exec(made.metadata.name, "tried-open", command=["true"])
    finally:
        admin.core.delete_namespaced_pod(made.metadata.name, "tried-open", grace_period_seconds=0)
