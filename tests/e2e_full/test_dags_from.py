"""DAGs that are not in the image: from a site's Git server behind the private CA and a password, and from a volume."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataops.platform import ca
from dataops.platform.charts import charts_of
from dataops.platform.process import run
from dataops.platform.secrets import AUTHORITY
from dataops.platform.smoke.airflow import Airflow
from dataops.platform.smoke.context import Context
from dataops.platform.tools import ensure_tool
from tests.e2e import pods
from tests.e2e.verbs import make
from tests.e2e_full.inside import git_site

SITE, ACCOUNT = "site", ("deploy-token", "readable by few")
READY_SECONDS, READ_SECONDS, RUN_SECONDS = 120, 300, 300
DAG = """
import time
from airflow.sdk import task
from dataops.airflow import manual_dag
with manual_dag("{name}", owner="night-shift", description="From elsewhere.", tags=["test"], deadline_hours=0.01):
    @task
    def told() -> int:
        time.sleep(60)  # longer than the deadline
        return 42
    told()
"""
USER = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
CONTAINER = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def image_of_airflow(context: Context) -> str:
    """What the running scheduler runs in; it has Python and Git."""
    (pod,) = context.cluster.core.list_namespaced_pod(
        context.environment.servers, label_selector="app.kubernetes.io/component=scheduler"
    ).items
    return str(pod.spec.containers[0].image)


def small_pod(
    context: Context, name: str, program: str, volume: dict[str, Any], path: str, **env: str
) -> dict[str, Any]:
    """A pod that runs a program with one volume."""
    container = {
        "name": name,
        "image": image_of_airflow(context),
        "command": ["python", "-c", program],
        "env": [{"name": key, "value": value} for key, value in env.items()],
        "volumeMounts": [{"name": "held", "mountPath": path}],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": "256Mi"}},
        "securityContext": CONTAINER,
    }
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {**USER, "fsGroup": 1000},
        "containers": [container],
        "volumes": [{"name": "held", **volume}],
    }
    return {"metadata": {"generateName": f"{name}-", "labels": {"app": name}}, "spec": spec}


@contextmanager
def git_server(context: Context) -> Iterator[str]:
    """A Git server in a namespace that is not the platform's, with a certificate of the platform's CA; its address."""
    core, host = context.cluster.core, f"git.{SITE}.svc"
    secret, certificate, key = AUTHORITY
    tls = ca.new_server(context.secret(secret, certificate), context.secret(secret, key), [host])
    core.create_namespace({"metadata": {"name": SITE}})
    try:
        core.create_namespaced_secret(
            SITE, {"metadata": {"name": "tls"}, "stringData": dict(zip(("tls.crt", "tls.key"), tls, strict=True))}
        )
        core.create_namespaced_service(
            SITE,
            {
                "metadata": {"name": "git"},
                "spec": {"selector": {"app": "git"}, "ports": [{"port": 443, "targetPort": git_site.PORT}]},
            },
        )
        program = Path(git_site.__file__).read_text(encoding="utf-8")
        held = {"secret": {"secretName": "tls"}}
        told = {"SITE_ACCOUNT": ":".join(ACCOUNT), "SITE_DAG": DAG.format(name="from_git")}
        made = core.create_namespaced_pod(SITE, small_pod(context, "git", program, held, "/tls", **told))
        pods.until(partial(_running, context, made.metadata.name), READY_SECONDS, "the Git server does not run")
        yield f"https://{host}/platform.git"
    finally:
        core.delete_namespace(SITE)


def _running(context: Context, name: str) -> bool:
    phase = context.cluster.core.read_namespaced_pod(name, SITE).status.phase
    assert phase in ("Pending", "Running"), context.cluster.core.read_namespaced_pod_log(name, SITE)
    return bool(phase == "Running")


def _ended(context: Context, space: str, name: str) -> str | None:
    return pods.ended(context.cluster.core.read_namespaced_pod(name, space))


@contextmanager
def dags_from(context: Context, **dags: Any) -> Iterator[None]:
    """Airflow with another source of DAGs while the block runs, and as it was afterwards."""
    chart = charts_of(context.root, context.environment, "airflow")[0]
    words: list[str | Path] = ["upgrade", "airflow", chart.path, "--namespace", context.environment.servers]
    values = f"dags={json.dumps(dags)}"
    run(
        [ensure_tool("helm"), *words, "--reuse-values", "--set-json", values, "--wait", "--timeout", "5m"],
        env=context.cluster.environ,
    )
    try:
        yield
    finally:
        assert make("deploy-airflow", SMOKE="never").returncode == 0


def ran(context: Context, name: str) -> None:
    """The DAG is read, a run of it ends well in a pod of its own, and that it was late is said."""
    airflow = Airflow(context, name)
    airflow.wait_for_dag(READ_SECONDS)
    begun = airflow.trigger()
    airflow.wait_for_run(begun, RUN_SECONDS)
    assert airflow.get(f"/dags/{name}/dagRuns/{begun}/taskInstances/told/xcomEntries/return_value")["value"] == 42
    log = run(
        [ensure_tool("kubectl"), "--namespace", context.environment.servers, "logs", "deploy/airflow-triggerer"],
        env=context.cluster.environ,
    ).stdout
    assert f"run {begun} of DAG {name} has not finished within 0.01 hours; call night-shift" in log


def test_dags_come_from_git_with_the_sites_ca_and_a_token(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": SITE}}}]
    facts = tmp_path / "git.yaml"
    facts.write_text(yaml.safe_dump({"global": {"egress": {"git": allowed}}}), encoding="utf-8")
    user, password = ACCOUNT
    spaces = [context.environment.servers, context.environment.namespaces["jobs"]]
    with git_server(context) as address:
        connection = json.dumps({"conn_type": "git", "login": user, "password": password, "host": address})
        secret = {"metadata": {"name": "airflow-git"}, "stringData": {"connection": connection}}
        with monkeypatch.context() as patch:
            patch.setenv("FACTS", str(facts))
            assert make("deploy-platform", SMOKE="never").returncode == 0
        try:
            for space in spaces:
                context.cluster.core.create_namespaced_secret(space, secret)
            with dags_from(context, **{"from": "git", "git": {"url": address, "ref": "main", "folder": "dags"}}):
                ran(context, "from_git")
        finally:
            for space in spaces:
                context.cluster.core.delete_namespaced_secret("airflow-git", space)
            assert make("deploy-platform", SMOKE="never").returncode == 0


def test_dags_come_from_a_volume(context: Context) -> None:
    core, spaces = context.cluster.core, [context.environment.servers, context.environment.namespaces["jobs"]]
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "16Mi"}}}
    program = f"import pathlib; pathlib.Path('/held/from_volume.py').write_text({DAG.format(name='from_volume')!r})"
    try:
        for space in spaces:
            core.create_namespaced_persistent_volume_claim(space, {"metadata": {"name": "dags"}, "spec": claim})
            held = {"persistentVolumeClaim": {"claimName": "dags"}}
            with pods.running(context, space, small_pod(context, "writer", program, held, "/held")) as made:
                how = pods.until(partial(_ended, context, space, made.metadata.name), READY_SECONDS, "it still writes")
                assert how == "Succeeded"
        with dags_from(context, **{"from": "volume", "claim": "dags"}):
            ran(context, "from_volume")
    finally:
        for space in spaces:
            core.delete_namespaced_persistent_volume_claim("dags", space)
