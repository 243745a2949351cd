"""Secrets are declared with a way to get each value, and those of the servers stay among the servers."""

from typing import Any

import pytest

from dataops.platform.generators import references
from tests.charts.harness import CHARTS, ENVIRONMENTS, ROOT, charts, read_yaml

ENTRIES: list[dict[str, Any]] = [
    entry | {"chart": chart} for chart in charts() for entry in read_yaml(CHARTS / chart / "secrets.yaml") or []
]
KEYS = {f"{entry['name']}/{key}" for entry in ENTRIES for key in entry["keys"]}
GENERATORS = {"password", "hex32", "fernet", "access-key", "ca", "tls"}
# What a server and those who call it must both know.
SHARED = {"s3-airflow", "mlflow-jobs", "spark-standalone"}
EACH = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry['chart']}-{entry['name']}")


def test_names_are_declared_once() -> None:
    names = [entry["name"] for entry in ENTRIES]
    assert sorted(names) == sorted(set(names)), "two charts would write one Secret"


@EACH
def test_keys_say_what_they_are(entry: dict[str, Any]) -> None:
    assert entry["description"], entry["name"]
    for key, how in entry["keys"].items():
        assert how["description"], f"{entry['name']}/{key}: whoever must supply it needs a sentence"
        assert not {"generate", "value"} <= set(how), f"{entry['name']}/{key}: generated or composed, not both"
        assert "generate" in how or "given" not in how, f"{entry['name']}/{key}: ENV=local has nobody who gives it"
        assert how.get("generate", "password") in GENERATORS, f"{entry['name']}/{key}: {how['generate']}"


@EACH
@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_references_lead_somewhere(entry: dict[str, Any], env: str) -> None:
    if env not in entry.get("environments", [env]):
        return
    facts = read_yaml(ROOT / "environments" / f"{env}.yaml")["global"]
    texts = [text for how in entry["keys"].values() for text in [how.get("value", ""), *how.get("names", [])]]
    for reference, forms in references("\n".join(texts)).items():
        assert set(forms.split(":")[1:]) <= {"url", "ini", "pgpass"}, f"{entry['name']}: {reference}{forms}"
        if "/" in reference:
            assert reference in KEYS, f"{entry['name']}: no chart declares {reference}"
        else:
            node: Any = facts
            for part in reference.split("."):
                assert part in node, f"{entry['name']}: environments/{env}.yaml has no {reference}"
                node = node[part]


@EACH
def test_secrets_of_servers_stay_there(entry: dict[str, Any]) -> None:
    if "servers" in entry["namespaces"] and entry["namespaces"] != ["servers"]:
        assert entry["name"] in SHARED, f"{entry['name']}: whoever runs a pod in {entry['namespaces']} could read it"
