"""One project for everything, and TLS up to every pod: what else the facts of a site may say, deployed and proven."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from kubernetes import client

from cluster.openshift import site
from dataops.platform.documents import read_yaml
from dataops.platform.smoke.context import Context
from tests.e2e.openshift import over
from tests.e2e.verbs import ROOT, make
from tests.e2e_full.tenant import openshift, tenant

PROJECT, OTHERS = "dataops", ("dataops-users", "dataops-jobs")
PAGES = ("jupyterhub", "airflow", "mlflow")
FACTS: dict[str, dict[str, str]] = {
    "namespaces": dict.fromkeys(("servers", "users", "jobs"), PROJECT),
    "routes": dict.fromkeys(PAGES, "reencrypt"),
    "ca": {"file": str(site.AUTHORITY)},
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """The platform in one project, deployed with its proof by one command."""
    with openshift():
        facts = tmp_path_factory.mktemp("facts") / "site.yaml"
        facts.write_text(yaml.safe_dump(over(read_yaml(site.FACTS), {"global": FACTS})), encoding="utf-8")
        with tenant(facts) as found:
            assert make("push", ENV="openshift").returncode == 0
            done = make("deploy", ENV="openshift", SMOKE="always")
            assert done.returncode == 0, done.stdout[-3000:]
            yield found


def test_every_check_is_green(platform: Context) -> None:
    report = json.loads((ROOT / ".reports" / "smoke.json").read_text())
    assert report["environment"] == "openshift" and len(report["checks"]) >= 8
    assert [one["name"] for one in report["checks"] if not one["ok"]] == []


def test_nothing_is_in_another_project(platform: Context) -> None:
    core = platform.cluster.core
    assert len(core.list_namespaced_pod(PROJECT).items) >= 8
    for name in OTHERS:
        secrets = [one.metadata.name for one in core.list_namespaced_secret(name).items]
        assert secrets == [] and core.list_namespaced_pod(name).items == []
        assert platform.cluster.config_map(name, "dataops-env") is None


def test_tls_reaches_every_pod(platform: Context) -> None:
    """The router trusts only certificates that were made for the Service, so a page that answers has one."""
    objects: Any = client.CustomObjectsApi(platform.cluster.api)
    routes = objects.list_namespaced_custom_object("route.openshift.io", "v1", PROJECT, "routes")["items"]
    assert {one["metadata"]["name"]: one["spec"]["tls"]["termination"] for one in routes} == FACTS["routes"]
    for page in PAGES:
        assert platform.http(page, follow_redirects=True).get("/").status_code in (200, 401)


def test_deploying_again_changes_nothing(platform: Context) -> None:
    done = make("deploy", ENV="openshift", SMOKE="never")
    assert done.returncode == 0 and done.stdout.count("nothing to change") >= 5, done.stdout[-3000:]


def test_the_doctor_says_what_it_costs_and_finds_no_error(platform: Context) -> None:
    done = make("doctor", ENV="openshift")
    assert done.returncode == 0 and " 0 error(s)" in done.stdout
    assert "reads every Secret in it" in done.stdout
