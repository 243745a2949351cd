"""The whole platform on this machine's cluster: deploy with its proof, deploy again, uninstall, cluster down."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from dataops.platform.tools import ensure_tool
from tests.e2e.verbs import ROOT, make

KUBECONFIG = ROOT / ".cluster" / "kubeconfig"
NAMESPACE = "dataops"
AGAIN_SECONDS = 60


def kubectl(*words: str) -> Any:
    """What kubectl answers as JSON."""
    command = [
        str(ensure_tool("kubectl")),
        "--kubeconfig",
        str(KUBECONFIG),
        "--namespace",
        NAMESPACE,
        *words,
        "--output",
        "json",
    ]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def revisions() -> list[str]:
    """The record of every release's revision."""
    return sorted(one["metadata"]["name"] for one in kubectl("get", "secrets", "--selector", "owner=helm")["items"])


def servers() -> dict[str, int]:
    """Every pod of a Deployment or StatefulSet by its unique id, with its restarts."""
    return {
        pod["metadata"]["uid"]: sum(status["restartCount"] for status in pod["status"].get("containerStatuses", []))
        for pod in kubectl("get", "pods")["items"]
        if any(one["kind"] in ("ReplicaSet", "StatefulSet") for one in pod["metadata"].get("ownerReferences", []))
    }


def test_every_check_is_green(deployed: str) -> None:
    report = json.loads((ROOT / ".reports" / "smoke.json").read_text())
    assert report["ok"] and [one["name"] for one in report["checks"] if not one["ok"]] == []
    assert {"name", "ok", "seconds"} <= set(report["checks"][0])
    assert "FAIL" not in deployed


def test_deploying_again_changes_nothing(deployed: str) -> None:
    before = (revisions(), servers())
    command = ["make", "deploy", "ENV=local"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=AGAIN_SECONDS)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (revisions(), servers()) == before
    assert "Nothing changed" in done.stderr


def test_a_foreign_kubeconfig_is_refused(deployed: str, tmp_path: Path) -> None:
    foreign = tmp_path / "kubeconfig"
    foreign.write_text(KUBECONFIG.read_text().replace("10.97.0.1", "192.0.2.1"))
    done = make("deploy", KUBECONFIG=str(foreign), SMOKE="never")
    assert done.returncode != 0
    assert "192.0.2.1" in done.stdout and "CLUSTER=current" in done.stdout


def test_status_and_urls_work_alone(deployed: str) -> None:
    status, urls = make("status"), make("urls")
    assert status.returncode == 0 and "Working set of all platform pods" in status.stdout
    assert urls.returncode == 0 and "http://localhost:30080" in urls.stdout


def test_the_doctor_finds_no_error(deployed: str) -> None:
    done = make("doctor")
    assert done.returncode == 0 and " 0 error(s)" in done.stdout


def test_uninstall_leaves_secrets_and_volumes(deployed: str) -> None:
    assert make("uninstall").returncode == 0
    assert revisions() == [] and servers() == {}
    names = {one["metadata"]["name"] for one in kubectl("get", "secrets")["items"]}
    assert {"local-ca", "s3-root", "postgres-superuser", "airflow-keys"} <= names
    assert kubectl("get", "persistentvolumeclaims")["items"], "the volumes are gone"


def test_cluster_down_ends_it(deployed: str) -> None:
    assert make("cluster-down").returncode == 0
    assert not KUBECONFIG.exists()
