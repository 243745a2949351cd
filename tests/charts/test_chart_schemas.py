"""A mistyped value fails with its path."""

import json
from typing import Any

import pytest

from tests.charts.harness import CHARTS, Variant, charts, environments, template, walk

OPEN = {"global", "common"}  # facts of the place, closed in the schema of charts/platform; the library chart's own


def closed_objects(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Object schemas that list properties; the one of `global` is left out where it is only passed on."""
    return [node for node in walk(schema) if node.get("type") == "object" and "properties" in node]


@pytest.mark.parametrize("chart", charts())
def test_schema_is_closed_at_each_level(chart: str) -> None:
    schema = json.loads((CHARTS / chart / "values.schema.json").read_text(encoding="utf-8"))
    for node in closed_objects(schema):
        assert node.get("additionalProperties") is False, f"{chart}: open object with {sorted(node['properties'])}"


def test_a_rule_in_signs_is_also_said_in_words() -> None:
    schema = json.loads((CHARTS / "platform/values.schema.json").read_text(encoding="utf-8"))
    rules = [node for node in walk(schema) if isinstance(node.get("pattern"), str)]
    assert rules and all("description" in node for node in rules), "the sentence about a wrong fact shows it"


@pytest.mark.parametrize("chart", charts())
def test_unknown_value_fails_with_its_name(chart: str) -> None:
    done = template(Variant(chart, environments(chart)[0]), "--set=replica=3")
    assert done.returncode != 0, f"{chart} ignores the mistyped value `replica`"
    assert "replica" in done.stderr


@pytest.mark.parametrize("fact", ["exposur=route", "s3.endpoint=x", "database.sslmode=verify", "namespaces.user=x"])
def test_mistyped_fact_fails_with_its_path(fact: str) -> None:
    done = template(Variant("platform", "local"), f"--set=global.{fact}")
    assert done.returncode != 0, f"the mistyped fact {fact} is ignored"
    assert fact.split("=")[0].split(".")[-1] in done.stderr
