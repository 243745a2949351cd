"""Who holds executors: counted off the pods of a namespace, and said by a session that waits for its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from dataops.config import Settings
from dataops.spark import executors
from dataops.spark.executors import Held, held, owner, why_none_came
from tests.unit.tls import http_server, make_certificates

ALICE: dict[str, Any] = {
    "metadata": {
        "name": "jupyter-alice-2esmith",
        "labels": {"app.kubernetes.io/component": "notebook"},
        "annotations": {"hub.jupyter.org/username": "alice.smith"},
    },
    "spec": {"containers": [{}]},
    "status": {"phase": "Running"},
}
TASK: dict[str, Any] = {
    "metadata": {"name": "silver-x1", "labels": {"dag_id": "flights", "task_id": "silver"}},
    "spec": {"containers": [{}]},
    "status": {"phase": "Running"},
}


def quantity(mebibytes: int) -> str:
    """An amount as Kubernetes gives it back: with the largest unit that leaves it whole."""
    return f"{mebibytes}Mi" if mebibytes % 1024 else f"{mebibytes // 1024}Gi"


def executor(application: str, driver: str, phase: str = "Running", cores: int = 1, mebibytes: int = 1024) -> Any:
    return {
        "metadata": {
            "name": f"{application}-exec",
            "labels": {"spark-role": "executor", "spark-app-selector": application},
            "ownerReferences": [{"name": driver}],
        },
        "spec": {
            "containers": [
                {
                    "env": [{"name": "SPARK_EXECUTOR_CORES", "value": str(cores)}],
                    "resources": {"requests": {"memory": quantity(mebibytes), "cpu": "100m"}},
                }
            ]
        },
        "status": {"phase": phase},
    }


PODS = [
    ALICE,
    TASK,
    executor("spark-2", "silver-x1", cores=2, mebibytes=3072),
    executor("spark-1", "jupyter-alice-2esmith", mebibytes=1536),
    executor("spark-1", "jupyter-alice-2esmith", mebibytes=512),
    executor("spark-1", "jupyter-alice-2esmith", "Pending"),
    executor("spark-1", "jupyter-alice-2esmith", "Succeeded"),
]


def test_executors_are_added_up_by_application() -> None:
    assert held(PODS) == [
        Held("spark-1", "jupyter-alice-2esmith", "alice.smith", 2, 1, 3, 3 * 2**30),
        Held("spark-2", "silver-x1", "flights/silver", 1, 0, 2, 3 * 2**30),
    ]


def test_whoever_nobody_names_is_the_pod() -> None:
    assert owner({"metadata": {"name": "pod-1"}}) == "pod-1"
    assert held([executor("spark-3", "gone")])[0].owner == "gone"


def ask(pods: list[Any], folder: Path, monkeypatch: pytest.MonkeyPatch, driver: str) -> str:
    certificates = make_certificates(folder)
    certificates.file("token", b"secret-token")
    (folder / "ca.crt").write_bytes(certificates.authority.read_bytes())
    monkeypatch.setattr(executors, "ACCOUNT", folder)
    with http_server(json.dumps({"items": pods}), certificates.context()) as port:
        url = f"k8s://https://127.0.0.1:{port}"
        here = Settings.model_construct(spark_master_url=url, pod_name=driver, pod_namespace="dataops-users")
        return why_none_came(here)


def test_a_session_that_waits_says_who_holds_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ask(PODS, tmp_path, monkeypatch, "jupyter-bob")
    assert "in dataops-users others hold: alice.smith 2 (3 cores, 3.0 GiB), flights/silver 1 (2 cores, 3.0 GiB)" in said


def test_its_own_executors_are_no_excuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ask([ALICE, executor("spark-1", "jupyter-alice")], tmp_path, monkeypatch, "jupyter-alice")
    assert "although nobody else holds one in dataops-users: see its quota" in said


def test_a_cluster_that_cannot_be_asked_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "ACCOUNT", tmp_path)
    said = why_none_came(Settings.model_construct(spark_master_url="k8s://https://127.0.0.1:9", pod_namespace="x"))
    assert said.startswith("no executor has come yet, and who holds the others cannot be asked")
