"""docker-compose.yml runs the images of the charts with the facts and the settings that their pods get."""

from typing import Any

import pytest

from tests.charts.harness import CHARTS, ROOT, Rendered, every_object, read_yaml

DOCUMENT = read_yaml(ROOT / "docker-compose.yml")
FACTS: dict[str, str] = DOCUMENT["x-facts"]
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
# Addresses, which are the names of services here.
ADDRESSES = {
    *(
        "S3_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
        "SPARK_MASTER_URL",
        "MLFLOW_TRACKING_URI",
        "LAKE_CATALOG_URI",
        "PGHOST",
    ),
    *("MLFLOW_SERVER_ALLOWED_HOSTS", "JUPYTERHUB_API_URL"),
}
# What Kubernetes alone can say, who makes executors of its own, and the console that is published here.
KUBERNETES = {"POD_NAME", "POD_NAMESPACE", "POD_IP", "SPARK_EXECUTOR_IMAGE", "MINIO_BROWSER"}
# The hub starts pods there and processes here, in the image of the servers: compose/jupyterhub_config.py is its own.
OTHER = {"hub"}


def service_of(item: Rendered) -> str:
    """What docker-compose.yml calls a workload; a Job's name ends in a hash."""
    return item.name.rpartition("-")[0] if item.object["kind"] == "Job" else item.name


PODS = [
    item
    for kind in ("Deployment", "StatefulSet", "Job")
    for item in every_object(kind)
    if item.variant.env == "local" and service_of(item) in SERVICES.keys() - OTHER
]


def settings(container: dict[str, Any]) -> dict[str, str | None]:
    """Every environment name of a container with its value, None where that is a secret's."""
    found: dict[str, str | None] = {}
    for source in container.get("envFrom", []):
        if "secretRef" in source:
            found |= dict.fromkeys(secret_keys(source["secretRef"]["name"]))
        else:
            found |= dict(FACTS)
    return found | {one["name"]: one.get("value") for one in container.get("env", [])}


def secret_keys(name: str) -> list[str]:
    """The keys of a declared Secret."""
    entries = [entry for path in CHARTS.glob("*/secrets.yaml") for entry in read_yaml(path)]
    return next(list(entry["keys"]) for entry in entries if entry["name"] == name)


def test_the_facts_are_those_of_the_platform() -> None:
    facts = next(
        item.object["data"]
        for item in every_object("ConfigMap")
        if item.name == "dataops-env" and item.variant.env == "local"
    )
    assert set(FACTS) == set(facts) - KUBERNETES
    differ = {name for name in FACTS if FACTS[name] != facts[name]}
    assert differ <= ADDRESSES, f"charts/platform/files/env.yaml says otherwise: {differ - ADDRESSES}"


def test_every_service_has_a_pod_to_follow() -> None:
    assert {service_of(item) for item in PODS} == SERVICES.keys() - OTHER


@pytest.mark.parametrize("pod", PODS, ids=str)
def test_a_service_has_the_image_and_the_settings_of_its_pod(pod: Rendered) -> None:
    service = SERVICES[service_of(pod)]
    container = pod.object["spec"]["template"]["spec"]["containers"][0]
    image = container["image"].rpartition("/")[2].partition(":")[0]
    assert service["image"] == f"${{IMAGE_{image.upper()}}}"
    wanted, given = settings(container), service.get("environment", {})
    missing = wanted.keys() - given.keys() - KUBERNETES
    assert not missing, f"{pod} has {missing}, docker-compose.yml does not"
    typed = {name: value for name, value in wanted.items() if value is not None and name in given}
    differ = {name for name, value in typed.items() if given[name] != value} - ADDRESSES
    assert not differ, f"{pod} and docker-compose.yml disagree about {differ}"
