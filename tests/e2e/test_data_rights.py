"""What notebooks and executors may not touch, tried from inside real pods with what such pods hold."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import pytest
import yaml
from traitlets.config import Config

from charts.jupyterhub.files import user_pod
from dataops.platform.smoke.context import Context
from dataops.spark.pods import executor_pod_template
from tests.e2e import pods
from tests.e2e.inside import notebook_attempts as attempts
from tests.e2e.needles import SECRETIVE, Needle


def notebook_pod(platform: Context) -> dict[str, Any]:
    """A pod as the hub describes it to KubeSpawner, with a passing home."""
    settings = yaml.safe_load(platform.cluster.config_map(platform.environment.servers, "hub").data["settings.yaml"])
    config = Config()
    user_pod.configure(config, settings)
    spawner = config.KubeSpawner
    volumes = [
        {"name": one["name"], "emptyDir": {}} if "persistentVolumeClaim" in one else one for one in spawner.volumes
    ]
    container = {
        "name": "notebook",
        "image": spawner.image,
        "args": pods.program("notebook_attempts"),
        "env": [{"name": name, **source} for name, source in spawner.environment.items() if isinstance(source, dict)],
        "resources": {"limits": {"memory": "2Gi"}},
        "volumeMounts": spawner.volume_mounts,
        "securityContext": spawner.container_security_context,
        **spawner.extra_container_config,
    }
    return {
        "metadata": {
            "generateName": "e2e-notebook-",
            "labels": {**spawner.extra_labels, "app.kubernetes.io/component": spawner.component_label},
        },
        "spec": {
            "restartPolicy": "Never",
            "serviceAccountName": spawner.service_account,
            "automountServiceAccountToken": spawner.automount_service_account_token,
            "securityContext": spawner.pod_security_context,
            "containers": [container],
            "volumes": volumes,
            **spawner.extra_pod_config,
        },
    }


@pytest.fixture(scope="module")
def outcomes(platform: Context) -> dict[str, str]:
    """What came of each attempt of a notebook."""
    return pods.result(platform, platform.environment.namespaces["users"], notebook_pod(platform))


@pytest.mark.parametrize("attempt", attempts.REFUSED_BY_S3)
def test_the_store_refuses_a_notebook(outcomes: dict[str, str], attempt: str) -> None:
    assert outcomes[attempt] == "AccessDenied"


@pytest.mark.parametrize("attempt", attempts.REFUSED_BY_CATALOG)
def test_the_catalog_refuses_a_notebook(outcomes: dict[str, str], attempt: str) -> None:
    assert outcomes[attempt] in ("InsufficientPrivilege", "0 rows")


@pytest.mark.parametrize("attempt", attempts.REFUSED_DATABASES)
def test_the_servers_databases_refuse_a_notebook(outcomes: dict[str, str], attempt: str) -> None:
    assert "permission denied for database" in outcomes[attempt]


@pytest.mark.parametrize("attempt", attempts.REFUSED_TABLES)
def test_the_library_refuses_a_notebook_in_one_sentence(outcomes: dict[str, str], attempt: str) -> None:
    namespace = attempt.removeprefix("publish ").partition(".")[0]
    assert outcomes[attempt] == (
        f"lake_notebook may not write tables of {namespace};"
        " write to sandbox.<table>, or let a job in jobs/ publish the table"
    )


@pytest.mark.parametrize("attempt", attempts.ALLOWED)
def test_a_notebook_may_do_the_same_elsewhere(outcomes: dict[str, str], attempt: str) -> None:
    assert re.fullmatch(r"done|[1-9]\d* rows", outcomes[attempt])


@pytest.fixture(scope="module", params=["users", "jobs"])
def executor(platform: Context, request: pytest.FixtureRequest) -> dict[str, Any]:
    """What a program sees in an executor's pod of either namespace."""
    pod = executor_pod_template()
    pod["metadata"] |= {"generateName": "e2e-executor-"}
    pod["metadata"]["labels"]["spark-role"] = "executor"
    pod["spec"] |= {"restartPolicy": "Never", "serviceAccountName": "executor"}
    pod["spec"]["containers"][0] |= {"image": platform.job_image, "args": pods.program("executor_view")}
    return pods.result(platform, platform.environment.namespaces[request.param], pod)


def test_an_executor_has_no_token(executor: dict[str, Any]) -> None:
    assert executor["tokens"] == []
    assert not [path for path in executor["mounts"] if "secret" in path or "catalog" in path]


def test_an_executor_does_not_reach_the_api_server(executor: dict[str, Any]) -> None:
    assert executor["api server"] == "timed out"


def test_an_executors_environment_names_no_secret(executor: dict[str, Any]) -> None:
    assert "S3_ENDPOINT_URL" in executor["environment"]
    assert not [name for name in executor["environment"] if SECRETIVE.search(name)]


def test_an_executors_environment_holds_no_secret(needles: list[Needle], executor: dict[str, Any]) -> None:
    held = [one.name for one in needles if sha256(one.value.encode()).hexdigest() in executor["words"]]
    assert held == []
