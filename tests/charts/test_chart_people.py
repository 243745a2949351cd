"""A namespace each: what a person's own one holds, who has rights there, and that the other people have none."""

from typing import Any

import pytest
import yaml

from dataops.platform.bootstrap import PLACEHOLDER, documents
from dataops.platform.environment import Environment, load_environment
from tests.charts.harness import ENVIRONMENTS, ROOT, Object, Rendered, Variant, everything, read_yaml, template
from tests.charts.pods import spawner

PEOPLE = ["anna", "ben"]
OWN = {name: f"dataops-users-{name}" for name in PEOPLE}
ENVS = pytest.mark.parametrize("env", ENVIRONMENTS)


def place(env: str, people: list[str]) -> Environment:
    """The facts of a place that lists people."""
    facts = load_environment(ROOT, env)
    return Environment(facts.name, facts.files, {**facts.values, "users": people})


def objects(env: str, kind: str, namespace: str) -> dict[str, Rendered]:
    """What a deploy puts into a namespace, by name."""
    found = everything(env, "namespace-each")
    return {one.name: one for one in found if one.kind == kind and one.namespace == namespace}


@ENVS
@pytest.mark.parametrize("kind", ["ServiceAccount", "Role", "RoleBinding", "ConfigMap", "NetworkPolicy"])
@pytest.mark.parametrize("person", PEOPLE)
def test_ones_own_namespace_holds_what_the_shared_one_does(env: str, kind: str, person: str) -> None:
    shared, own = objects(env, kind, "dataops-users"), objects(env, kind, OWN[person])
    assert own and set(own) == set(shared)


@ENVS
@pytest.mark.parametrize("person", PEOPLE)
def test_only_the_hub_comes_from_outside(env: str, person: str) -> None:
    subjects = {name: one.object["subjects"] for name, one in objects(env, "RoleBinding", OWN[person]).items()}
    assert {name: [one["namespace"] for one in who] for name, who in subjects.items()} == {
        "hub": ["dataops"],
        "notebook": [OWN[person]],
    }


@ENVS
def test_the_hub_has_rights_where_servers_are_and_nowhere_else(env: str) -> None:
    found = {
        one.namespace
        for one in everything(env, "namespace-each")
        if one.kind == "RoleBinding" and one.object["subjects"][0]["name"] == "hub"
    }
    assert found == {"dataops-users", *OWN.values()}


@ENVS
def test_the_facts_name_the_executors_image_of_notebooks(env: str) -> None:
    own, shared = (objects(env, "ConfigMap", name)["dataops-env"].object for name in (OWN["anna"], "dataops-users"))
    assert own["data"] == shared["data"] and "/notebook:" in own["data"]["SPARK_EXECUTOR_IMAGE"]


@ENVS
def test_charts_and_commands_agree_on_the_names(env: str) -> None:
    assert place(env, PEOPLE).own_namespaces == OWN
    config, *_ = (one for one in everything(env, "namespace-each") if one.kind == "ConfigMap" and one.name == "hub")
    assert yaml.safe_load(config.object["data"]["settings.yaml"])["ownNamespaces"] == OWN


@pytest.mark.parametrize("name", ["smoke", "admin", "mlflow-jobs", "Anna", "a" * 41, "anna-"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    done = template(Variant("platform", "local"), users=[name])
    assert done.returncode and "/global/users/0" in done.stderr


def bootstrapped(env: str, people: list[str]) -> list[dict[str, Any]]:
    """What an administrator applies."""
    return list(yaml.safe_load_all(documents(ROOT, place(env, people))))


@ENVS
def test_an_administrator_makes_every_namespace_with_the_same_care(env: str) -> None:
    made = bootstrapped(env, PEOPLE)
    assert {one["metadata"]["name"] for one in made if one["kind"] == "Namespace"} == set(
        place(env, PEOPLE).every_namespace
    )
    for namespace in (*OWN.values(), "dataops-users"):
        mine = [one for one in made if namespace in (one["metadata"]["name"], one["metadata"].get("namespace"))]
        assert [one["kind"] for one in mine] == ["Namespace", "RoleBinding", "ResourceQuota", "LimitRange"]
        assert mine[0]["metadata"]["labels"] == made[0]["metadata"]["labels"], "Pod Security"
        assert mine[1]["subjects"] == made[1]["subjects"]


@ENVS
def test_without_people_the_plain_file_is_all(env: str) -> None:
    assert documents(ROOT, place(env, [])) == (ROOT / "bootstrap.yaml").read_text(encoding="utf-8")


def test_the_form_for_a_person_cannot_be_applied_by_mistake() -> None:
    assert PLACEHOLDER != PLACEHOLDER.lower() and PLACEHOLDER in (ROOT / "bootstrap-user.yaml").read_text()


def test_a_quota_holds_the_largest_server_with_its_executors() -> None:
    """The largest profile by its limits, which count in a quota as requests do."""
    quota = next(one for one in bootstrapped("local", PEOPLE)[-4:] if one["kind"] == "ResourceQuota")["spec"]["hard"]
    large: Object = read_yaml(ROOT / "charts/jupyterhub/values.yaml")["user"]["profiles"]["large"]
    one = spawner("local", profile="large")
    assert one.profile_list[2]["slug"] == "large"
    assert int(quota["limits.memory"].removesuffix("Gi")) >= int(large["limits"]["memory"].removesuffix("G")) + 4 * 3
    assert int(quota["pods"]) >= 1 + 4
