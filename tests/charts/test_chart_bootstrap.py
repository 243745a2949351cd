"""bootstrap.yaml makes the namespaces of the environment files, with Pod Security and amounts that pods must state."""

from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it ships no types
import pytest
import yaml

from tests.charts.harness import ENVIRONMENTS, KUBERNETES, ROOT, read_yaml

OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all((ROOT / "bootstrap.yaml").read_text(encoding="utf-8")))
NAMESPACES = [o["metadata"]["name"] for o in OBJECTS if o["kind"] == "Namespace"]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_namespaces_are_those_of_the_environment(env: str) -> None:
    said = read_yaml(ROOT / "environments" / f"{env}.yaml")["global"]["namespaces"]
    assert sorted(NAMESPACES) == sorted(said.values())


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_pod_security_is_enforced(namespace: str) -> None:
    labels = next(o["metadata"]["labels"] for o in OBJECTS if o["metadata"]["name"] == namespace)
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("kind", ["ResourceQuota", "LimitRange"])
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_amounts_are_bounded(namespace: str, kind: str) -> None:
    assert [o for o in OBJECTS if o["kind"] == kind and o["metadata"].get("namespace") == namespace]


@pytest.mark.parametrize("version", KUBERNETES)
def test_valid(version: str) -> None:
    for item in OBJECTS:
        kubernetes_validate.validate(item, version, strict=True)
