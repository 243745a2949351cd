"""One namespace can play all three roles: nothing is made twice, and everything that is referred to is there."""

from collections import Counter

import pytest

from tests.charts.harness import ENVIRONMENTS, Object, Rendered, everything


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def objects(request: pytest.FixtureRequest) -> list[Rendered]:
    # a feature renders its chart once more
    return [item for item in everything(request.param, "one-namespace") if not item.variant.feature]


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
