"""What people reach from outside follows the one word `exposure`."""

from typing import Any

import pytest
import yaml

from tests.charts.harness import Variant, charts, environments, template

WORDS = {"none": set(), "nodePort": {"NodePort"}, "ingress": {"Ingress"}, "route": {"Route"}}
NODE_PORTS = {"jupyterhub": 30080, "airflow": 30081, "mlflow": 30082, "history": 30083, "s3": 30090}
EXPOSED = {"local-services", "spark", "mlflow", "airflow", "jupyterhub"}


def ways_in(chart: str, word: str) -> list[dict[str, Any]]:
    """Objects through which traffic enters from outside."""
    env = "local"
    done = template(
        Variant(chart, env), exposure=word, router={"name": "router"}, domain="example.com", nodePorts=NODE_PORTS
    )
    assert done.returncode == 0, done.stderr
    objects = [item for item in yaml.safe_load_all(done.stdout) if item]
    return [
        o
        for o in objects
        if o["kind"] in ("Ingress", "Route") or o.get("spec", {}).get("type", "ClusterIP") != "ClusterIP"
    ]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("chart", [chart for chart in charts() if "local" in environments(chart)])
def test_exposure(chart: str, word: str) -> None:
    kinds = {o["spec"]["type"] if o["kind"] == "Service" else o["kind"] for o in ways_in(chart, word)}
    if chart == "local-services" and word in ("ingress", "route"):
        assert not kinds, "the local S3 store is never published by name"
    else:
        assert kinds == (WORDS[word] if chart in EXPOSED else set()), f"{chart} with exposure: {word}"


@pytest.mark.parametrize("chart", sorted(EXPOSED & set(charts()) - {"local-services"}))
def test_names_are_under_the_domain_and_encrypted(chart: str) -> None:
    for route in ways_in(chart, "route"):
        assert route["spec"]["host"].endswith(".example.com")
        assert route["spec"]["tls"]["insecureEdgeTerminationPolicy"] == "Redirect"
    for ingress in ways_in(chart, "ingress"):
        hosts = [rule["host"] for rule in ingress["spec"]["rules"]]
        assert all(host.endswith(".example.com") for host in hosts)
        assert ingress["spec"]["tls"][0]["hosts"] == hosts


def test_unknown_word_is_refused() -> None:
    done = template(Variant("platform", "local"), exposure="loadBalancer")
    assert done.returncode != 0 and "exposure" in done.stderr
