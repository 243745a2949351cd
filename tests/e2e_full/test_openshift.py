"""docs/DEPLOY_OPENSHIFT.md, followed to the letter on the emulated OpenShift by an administrator of three projects."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from cluster.openshift import site
from cluster.settings import KUBECONFIG, STATE
from dataops.platform.environment import load_environment
from dataops.platform.kube import Cluster, connect
from dataops.platform.tools import ensure_tool
from tests.e2e.verbs import ROOT, make
from tests.e2e_full.tenant import openshift

UPSTREAM = "upstream"
# the new version that the guide's upgrade brings: one setting of one chart
CHANGE = (
    "sed -i 's/heap: 1g/heap: 900m/' charts/spark/values-openshift.yaml && git commit --quiet --all --message smaller"
)
GUIDE = ROOT / "docs" / "DEPLOY_OPENSHIFT.md"
BLOCK = re.compile(r"```bash( administrator)?\n(.*?)```", re.DOTALL)
# what is the cluster administrator's, and nothing of which a tenant's deploy may touch
CLUSTER_WIDE = ("clusterroles", "clusterrolebindings", "customresourcedefinitions", "securitycontextconstraints")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh clone beside an OpenShift with nothing of the platform, and what the owners of its services gave."""
    folder = tmp_path_factory.mktemp("site") / "platform"
    with openshift():
        upstream = folder.parent / UPSTREAM
        for source, target in ((ROOT, upstream), (upstream, folder)):
            subprocess.run(["git", "clone", "--quiet", source, target], check=True)
        shutil.copytree(site.GIVEN, folder / "given")
        facts = site.FACTS.read_text(encoding="utf-8").replace("file: ", f"file: {site.FACTS.parent}/")
        (folder / "site.yaml").write_text(facts, encoding="utf-8")
        programs = folder.parent / "bin"
        programs.mkdir()
        (programs / "helm").symlink_to(ensure_tool("helm"))
        # the guide's `oc` does nothing that kubectl does not
        (programs / "oc").write_text(f'#!/bin/sh\nexec {STATE}/bin/kubectl "$@"\n', encoding="utf-8")
        (programs / "oc").chmod(0o755)
        yield folder


@pytest.fixture(scope="module")
def before(checkout: Path) -> dict[str, set[str]]:
    """The names of everything cluster-wide before the platform came."""
    return cluster_wide()


@pytest.fixture(scope="module")
def followed(checkout: Path, before: dict[str, set[str]]) -> str:
    """What the guide's commands say, run in their order."""
    said = []
    script = "set -euo pipefail\n"
    for administrator, commands in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        who = KUBECONFIG if administrator else site.TENANT_KUBECONFIG
        if commands.startswith("git pull"):
            script += f"(cd ../{UPSTREAM} && {CHANGE})\n"
        script += f"export KUBECONFIG={who}\nset -x\n{commands}{{ set +x; }} 2>/dev/null\n"
    path = f"{checkout.parent / 'bin'}:{os.environ['PATH']}"
    settings = {**os.environ, "PATH": path, "REGISTRY_CERT_DIR": str(site.AUTHORITY.parent)}
    settings |= {f"GIT_{who}_{what}": "site" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(["bash"], cwd=checkout, env=settings, stdin=pipe, stdout=pipe, stderr=both, text=True) as run:
        assert run.stdin and run.stdout
        run.stdin.write(script)
        run.stdin.close()
        for line in run.stdout:
            print(line, end="", flush=True)
            said.append(line)
    assert run.returncode == 0, "".join(said)[-3000:]
    return "".join(said)


def as_tenant(verb: str, checkout: Path) -> str:
    """Run a verb as the tenant once more; what it said."""
    where = {"KUBECONFIG": str(site.TENANT_KUBECONFIG), "FACTS": "site.yaml"}
    trust = {"REGISTRY_CERT_DIR": str(site.AUTHORITY.parent)}
    done = make(verb, checkout, ENV="openshift", SMOKE="never", **where, **trust)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def cluster_wide() -> dict[str, set[str]]:
    """The names of the objects that belong to no namespace, by kind."""
    kubectl: list[str | Path] = [STATE / "bin" / "kubectl", "--kubeconfig", KUBECONFIG, "get", "--output=name"]
    return {
        kind: set(subprocess.run([*kubectl, kind], check=True, capture_output=True, text=True).stdout.split())
        for kind in CLUSTER_WIDE
    }


def pods(cluster: Cluster, checkout: Path) -> list[Any]:
    """Every pod in the platform's namespaces."""
    names = load_environment(checkout, "openshift").namespaces.values()
    return [pod for name in names for pod in cluster.core.list_namespaced_pod(name).items]


def test_the_guide_ends_with_a_green_smoke_run(followed: str, checkout: Path) -> None:
    report = json.loads((checkout / ".reports" / "smoke.json").read_text())
    assert report["environment"] == "openshift" and [one["name"] for one in report["checks"] if not one["ok"]] == []
    assert followed.count("8 of 8 checks passed") == 3, "after the deploy, when it was typed, and after the upgrade"


def test_an_upgrade_and_a_rollback_touch_one_chart(followed: str) -> None:
    upgrade = followed.partition("+ git pull")[2]
    assert upgrade.count("nothing to change") >= 4 and "Chart spark: " in upgrade
    assert "Rollback was a success" in followed


def test_after_a_rollback_a_deploy_brings_the_checkout_back_and_the_next_changes_nothing(
    followed: str, checkout: Path
) -> None:
    said = [as_tenant("deploy", checkout) for _ in range(2)]
    assert "Chart spark: " in said[0] and [one.count("nothing to change") for one in said] == [4, 5]


def test_the_doctor_finds_no_error_in_what_was_deployed(followed: str, checkout: Path) -> None:
    assert " 0 error(s)" in as_tenant("doctor", checkout)


def test_every_pod_runs_by_restricted_v2(followed: str, checkout: Path) -> None:
    found = pods(connect(KUBECONFIG), checkout)
    assert len(found) >= 10
    other = [pod.metadata.name for pod in found if pod.metadata.annotations.get("openshift.io/scc") != "restricted-v2"]
    assert not other, other


def test_pods_name_their_images_by_digest(followed: str, checkout: Path) -> None:
    found = {one.image for pod in pods(connect(KUBECONFIG), checkout) for one in pod.spec.containers}
    assert found and all(re.search(r"/dataops/\w+@sha256:[0-9a-f]{64}$", image) for image in found), found


def test_nothing_cluster_wide_came(followed: str, before: dict[str, set[str]]) -> None:
    assert cluster_wide() == before


def test_nobody_was_given_a_constraint(followed: str, checkout: Path) -> None:
    rights = client.RbacAuthorizationV1Api(connect(KUBECONFIG).api)
    for namespace in load_environment(checkout, "openshift").namespaces.values():
        rules = [rule for role in rights.list_namespaced_role(namespace).items for rule in role.rules or []]
        assert not [rule for rule in rules if "securitycontextconstraints" in (rule.resources or [])]
        bound = {one.role_ref.name for one in rights.list_namespaced_role_binding(namespace).items}
        assert not [name for name in bound if name.startswith("system:openshift:scc")]
