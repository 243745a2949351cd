"""`pip install` in a notebook: it asks the place's mirror, and only notebooks go there."""

import pytest

from tests.charts.harness import Variant, environments, every_object, template

ENVS = environments("platform")
BLOCK = [{"ipBlock": {"cidr": "203.0.113.7/32"}}]


@pytest.mark.parametrize("env", ENVS)
@pytest.mark.parametrize(("feature", "index"), [("", None), ("mirror", "https://mirror.example.com/simple")])
def test_pip_asks_the_mirror_where_there_is_one(env: str, feature: str, index: str | None) -> None:
    variant = Variant("platform", env, feature)
    facts = [
        one.object["data"] for one in every_object("ConfigMap") if (one.variant, one.name) == (variant, "dataops-env")
    ]
    assert facts and {one.get("PIP_INDEX_URL") for one in facts} == {index}


@pytest.mark.parametrize("env", ENVS)
def test_only_notebooks_go_there(env: str) -> None:
    variant = Variant("platform", env, "mirror")
    allowed = {
        policy.name
        for policy in every_object("NetworkPolicy")
        if policy.variant == variant
        for rule in policy.object["spec"].get("egress", [])
        if rule.get("to") == BLOCK
    }
    assert allowed == {"notebook"}


@pytest.mark.parametrize("index", ["http://mirror.example.com/simple", "https://anna:secret@mirror.example.com/simple"])
def test_an_address_that_is_no_secret_and_no_risk(index: str) -> None:
    done = template(Variant("platform", "local"), packages={"index": index})
    assert done.returncode and "/global/packages/index" in done.stderr
