"""No secret value shows where people and programs look: every real one is a canary, searched for everywhere."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator

import pytest

from dataops.platform.smoke.context import Context
from tests.e2e import answers, haystacks
from tests.e2e.drivers import Driver, driver
from tests.e2e.haystacks import Texts
from tests.e2e.needles import SECRETIVE, Needle, undeclared

# each place with words that are there, which shows that it was read; logs last, they hold what the others asked for
PLACES: dict[str, tuple[Callable[[Context], Texts], str]] = {
    "pods": (haystacks.pods, '"spark-role": "executor"'),
    "events": (haystacks.events, "Created container"),
    "ConfigMaps": (haystacks.config_maps, "S3_ENDPOINT_URL"),
    "Helm releases": (haystacks.releases, "kind: StatefulSet"),
    "command lines": (haystacks.command_lines, "KubernetesExecutorBackend"),
    "stored logs": (haystacks.stored, "SparkListenerEnvironmentUpdate"),
    "history server": (answers.spark_history, "spark.hadoop.fs.s3a.endpoint"),
    "Airflow": (answers.airflow, "jobs.flights_silver"),
    "MLflow": (answers.mlflow, "mean_absolute_error"),
    "logs of pods": (haystacks.logs, "BUSY"),
}
# made by Spark for one session and worth nothing beyond it: docs/decisions/0005-who-is-who.md says why it stays there
OF_THE_SESSION = "_SPARK_AUTH_SECRET"


@pytest.fixture(scope="module")
def busy(platform: Context) -> Iterator[Driver]:
    """A Spark driver with executors, whose pods and processes are there to be looked at."""
    with driver(platform) as one:
        yield one


def found(needles: list[Needle], texts: Iterable[tuple[str, str]]) -> list[str]:
    """The names of the secrets that show, with their places."""
    return [f"{needle.name} in {place}" for place, text in texts for needle in needles if needle.is_in(text)]


@pytest.mark.parametrize("place", PLACES)
def test_no_secret_shows(platform: Context, needles: list[Needle], busy: Driver, place: str) -> None:
    read, known = PLACES[place]
    texts = list(read(platform))
    assert any(known in text for _, text in texts), f"{known!r} is not there: was it read at all?"
    shown = found(needles, texts)  # by itself: pytest shows the arguments of a call it explains
    assert shown == []


@pytest.mark.parametrize("form", [str, lambda text: b64encode(text.encode()).decode()], ids=["plain", "base64"])
def test_a_planted_canary_is_found(platform: Context, form: Callable[[str], str]) -> None:
    canary, namespace = Needle("canary", secrets.token_hex(16)), platform.environment.namespaces["users"]
    text = form(f"postgresql://somebody:{canary.value}@postgres/lake")
    core, name = platform.cluster.core, f"e2e-canary-{secrets.token_hex(4)}"
    core.create_namespaced_config_map(namespace, {"metadata": {"name": name}, "data": {"address": text}})
    try:
        assert found([canary], haystacks.config_maps(platform)) == [f"canary in ConfigMap {namespace}/{name}"]
    finally:
        core.delete_namespaced_config_map(name, namespace)
    assert found([canary], haystacks.config_maps(platform)) == []


def test_every_secret_is_one_to_search_for(platform: Context, needles: list[Needle]) -> None:
    assert undeclared(platform) == []
    assert {"s3-root/root-password", "s3-job/S3_SECRET_ACCESS_KEY", "local-ca/tls.key"} <= {one.name for one in needles}
    assert [one.name for one in needles if len(one.value) < 16] == []


def test_the_pods_of_a_session_name_no_secret_value(busy: Driver) -> None:
    shown = [
        f"{pod.metadata.name}: {variable.name}"
        for pod in [busy.pod(), *busy.executors()]
        for container in [*pod.spec.containers, *(pod.spec.init_containers or [])]
        for variable in container.env or []
        if variable.value and SECRETIVE.search(variable.name) and variable.name != OF_THE_SESSION
    ]
    assert shown == []
