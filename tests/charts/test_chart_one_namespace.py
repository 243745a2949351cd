"""One namespace can play all three roles: nothing is made twice, and everything that is referred to is there."""

from collections import Counter

import pytest
import yaml

from tests.charts.harness import ENVIRONMENTS, Object, Rendered, Variant, charts, environments, template

ONE = dict.fromkeys(("servers", "users", "jobs"), "dataops")


def everything(env: str) -> list[Rendered]:
    """All objects of a deployment into one namespace."""
    found: list[Rendered] = []
    for variant in (Variant(chart, env) for chart in charts() if env in environments(chart)):
        done = template(variant, namespaces=ONE)
        assert done.returncode == 0, done.stderr
        found += [Rendered(variant, item) for item in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if item]
    return found


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def objects(request: pytest.FixtureRequest) -> list[Rendered]:
    return everything(request.param)


def test_all_of_it_is_in_that_namespace(objects: list[Rendered]) -> None:
    assert {item.namespace for item in objects} == {"dataops"}


def test_nothing_is_made_twice(objects: list[Rendered]) -> None:
    names = Counter(f"{item.kind}/{item.name}" for item in objects)
    twice = [name for name, count in names.items() if count > 1]
    assert not twice, f"{', '.join(twice)}: Helm would refuse or overwrite"


def test_each_account_keeps_its_own_rights(objects: list[Rendered]) -> None:
    rules: dict[str, Object] = {item.name: item.object["rules"] for item in objects if item.kind == "Role"}
    bound = {
        item.object["subjects"][0]["name"]: item.object["roleRef"]["name"]
        for item in objects
        if item.kind == "RoleBinding"
    }
    accounts = {item.name for item in objects if item.kind == "ServiceAccount"}
    assert set(bound) == accounts - {"executor"} and set(bound.values()) == set(rules)
    assert all(name == role for name, role in bound.items())
