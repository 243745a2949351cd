"""Who may do what in the Kubernetes API: nobody reads a Secret or reaches the pods of the servers."""

import pytest

from tests.charts.harness import Variant, environments, render

ALL = {"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
TASKS = {"pods": ALL, "pods/log": {"get"}, "events": {"list", "watch"}}
SPARK = {"pods": ALL, "persistentvolumeclaims": {"deletecollection"}}
MAKES = {"get", "list", "watch", "create", "delete"}
# (namespace of the account, account) -> (namespace of its rights, rights)
RIGHTS = {
    ("dataops", "hub"): (
        "dataops-users",
        {"pods": MAKES, "persistentvolumeclaims": MAKES, "events": {"get", "list", "watch"}},
    ),
    ("dataops", "airflow"): ("dataops-jobs", TASKS),
    ("dataops", "airflow-api-server"): ("dataops-jobs", {"pods": {"get", "list"}, "pods/log": {"get"}}),
    ("dataops-users", "notebook"): ("dataops-users", SPARK),
    ("dataops-jobs", "airflow-task"): ("dataops-jobs", TASKS),
    ("dataops-jobs", "job"): ("dataops-jobs", SPARK),
}
WITHOUT_RIGHTS = {("dataops-users", "executor"), ("dataops-jobs", "executor")}
ENVS = pytest.mark.parametrize("env", environments("platform"))


@ENVS
def test_rights_are_the_contract(env: str) -> None:
    objects = render(Variant("platform", env))
    roles = {(o["metadata"]["namespace"], o["metadata"]["name"]): o["rules"] for o in objects if o["kind"] == "Role"}
    found = {}
    for binding in (o for o in objects if o["kind"] == "RoleBinding"):
        (subject,), where = binding["subjects"], binding["metadata"]["namespace"]
        rights: dict[str, set[str]] = {}
        for rule in roles.pop((where, binding["roleRef"]["name"])):
            assert rule["apiGroups"] == [""]
            for resource in rule["resources"]:
                rights.setdefault(resource, set()).update(rule["verbs"])
        found[(subject["namespace"], subject["name"])] = (where, rights)
    assert found == RIGHTS
    assert not roles, "roles that nobody is bound to"


@ENVS
def test_nobody_has_rights_among_the_servers(env: str) -> None:
    for item in render(Variant("platform", env)):
        if item["kind"] == "Role":
            assert (
                item["metadata"]["namespace"] != "dataops"
            ), f"{item['metadata']['name']}: platform Secrets live there"


@ENVS
def test_accounts_carry_no_token_by_themselves(env: str) -> None:
    accounts = [item for item in render(Variant("platform", env)) if item["kind"] == "ServiceAccount"]
    assert {(a["metadata"]["namespace"], a["metadata"]["name"]) for a in accounts} == set(RIGHTS) | WITHOUT_RIGHTS
    assert all(account["automountServiceAccountToken"] is False for account in accounts)
