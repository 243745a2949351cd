"""What a namespace lacks, and what one may not do there, is named with its fix; one that is well is let be."""

from typing import Any

import pytest
from kubernetes import client

from dataops.platform.doctor import amounts
from dataops.platform.doctor.checks import access, namespaces, quota
from dataops.platform.doctor.findings import Finding
from tests.unit.platform.doctor.api import Api, bad, context, deployment, refusal

ROLE = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "Role",
    "rules": [{"apiGroups": [""], "resources": ["pods/log"], "verbs": ["watch"]}],
}
ESCALATION = {
    f"{verb} roles.rbac.authorization.k8s.io {place}"
    for verb in ("escalate", "bind")
    for place in ("dataops", "dataops-users", "dataops-jobs")
}
MARKS = {name: "x" for name in namespaces.ANNOTATIONS}


def test_all_rights_are_asked_and_none_is_missed(api: Api, http: client.ApiClient) -> None:
    found = list(access.check(context(http, [ROLE, deployment()])))
    assert not bad(found)
    assert "in dataops you have all 2" in found[1].what


@pytest.mark.parametrize(
    "right", ["create deployments.apps", "delete roles.rbac.authorization.k8s.io", "list secrets", "get pods/log"]
)
def test_a_missing_right_is_named_with_its_namespace(api: Api, http: client.ApiClient, right: str) -> None:
    api.denied = {f"{right} dataops"}
    (problem,) = bad(list(access.check(context(http, [ROLE, deployment()]))))
    assert problem.severity == "error" and "in dataops you lack 1 of" in problem.what and right in problem.what
    assert "kubectl -n dataops create rolebinding" in problem.fix


def test_a_right_that_only_an_account_gets_is_needed_unless_one_may_escalate(api: Api, http: client.ApiClient) -> None:
    api.denied = {"watch pods/log dataops"}
    assert not bad(list(access.check(context(http, [ROLE]))))
    api.denied |= ESCALATION
    (problem,) = bad(list(access.check(context(http, [ROLE]))))
    assert "you lack 1 of" in problem.what and "watch pods/log" in problem.what


def test_a_kind_the_cluster_does_not_serve_is_named(api: Api, http: client.ApiClient) -> None:
    del api.kinds["route.openshift.io/v1"]
    route = {"apiVersion": "route.openshift.io/v1", "kind": "Route"}
    (problem,) = bad(list(access.check(context(http, [route]))))
    assert problem.what == "the cluster serves no Route of route.openshift.io/v1"


def test_who_one_is_comes_from_the_cluster_or_from_openshift(api: Api, http: client.ApiClient) -> None:
    assert "the user of context ctx" in next(access.check(context(http))).what
    api.objects["/apis/user.openshift.io/v1/users/~"] = {"metadata": {"name": "dev"}}
    assert "you are dev" in next(access.check(context(http))).what
    review = {"status": {"userInfo": {"username": "developer"}}}
    api.objects["/apis/authentication.k8s.io/v1/selfsubjectreviews"] = review
    assert "you are developer" in next(access.check(context(http))).what


def namespace(name: str, annotations: dict[str, str], labels: dict[str, str], phase: str = "Active") -> dict[str, Any]:
    about = {"name": name, "annotations": annotations, "labels": labels}
    return {"kind": "Namespace", "metadata": about, "status": {"phase": phase}}


def told_about_namespace(api: Api, http: client.ApiClient, found: Any) -> Finding:
    api.objects["/api/v1/namespaces/dataops"] = found
    return list(namespaces.check(context(http)))[0]


def test_a_namespace_that_is_well(api: Api, http: client.ApiClient) -> None:
    good = namespace("dataops", MARKS, {namespaces.ENFORCE: "restricted"})
    assert told_about_namespace(api, http, good).severity == "ok"


@pytest.mark.parametrize("status", [403, 404])
def test_a_missing_namespace_is_named(api: Api, http: client.ApiClient, status: int) -> None:
    said = told_about_namespace(api, http, refusal(status, "no"))
    assert said.severity == "error" and "dataops is missing" in said.what and "make bootstrap ENV=openshift" in said.fix


@pytest.mark.parametrize("lost", namespaces.ANNOTATIONS)
def test_a_namespace_without_an_annotation_is_named_on_openshift_only(
    api: Api, http: client.ApiClient, lost: str
) -> None:
    left = {name: value for name, value in MARKS.items() if name != lost}
    found = namespace("dataops", left, {namespaces.ENFORCE: "restricted"})
    said = told_about_namespace(api, http, found)
    assert said.severity == "error" and f"has no annotation {lost}," in said.what
    del api.kinds["route.openshift.io/v1"]
    assert told_about_namespace(api, http, found).severity == "ok"


def test_a_namespace_that_is_going_or_open_is_named(api: Api, http: client.ApiClient) -> None:
    assert "is Terminating" in told_about_namespace(api, http, namespace("dataops", {}, {}, "Terminating")).what
    said = told_about_namespace(api, http, namespace("dataops", MARKS, {namespaces.ENFORCE: "baseline"}))
    assert said.severity == "warning" and "is baseline" in said.what


def quotas(hard: dict[str, str], used: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    one = {"metadata": {"name": "q"}, "spec": {"hard": hard, **spec}, "status": {"hard": hard, "used": used or {}}}
    return {"kind": "ResourceQuotaList", "items": [one]}


def told_about_quota(api: Api, http: client.ApiClient, found: Any, **known: Any) -> Finding:
    for name in ("dataops", "dataops-users", "dataops-jobs"):
        api.objects[f"/api/v1/namespaces/{name}/resourcequotas"] = quotas({"pods": "9"})
    api.objects["/api/v1/namespaces/dataops/resourcequotas"] = found
    return list(quota.check(context(http, [deployment("1500m", initContainers=[])], **known)))[0]


@pytest.mark.parametrize("hard", [{"requests.cpu": "3"}, {"cpu": "3000m"}, {"pods": "2"}, {"limits.memory": "1Gi"}])
def test_a_quota_that_is_just_enough(api: Api, http: client.ApiClient, hard: dict[str, str]) -> None:
    assert told_about_quota(api, http, quotas(hard)).severity == "ok"


@pytest.mark.parametrize(
    ("hard", "used", "said"),
    [
        ({"requests.cpu": "2500m"}, {}, "requests.cpu by 0.5 (needs 3, q leaves 2.5)"),
        ({"cpu": "2500m"}, {}, "cpu by 0.5 (needs 3, q leaves 2.5)"),
        ({"pods": "10"}, {"pods": "9"}, "pods by 1 (needs 2, q leaves 1)"),
    ],
)
def test_a_quota_that_is_too_small_names_the_shortfall(
    api: Api, http: client.ApiClient, hard: dict[str, str], used: dict[str, str], said: str
) -> None:
    problem = told_about_quota(api, http, quotas(hard, used))
    assert problem.severity == "error" and said in problem.what


def test_what_the_platform_itself_uses_is_not_missing(api: Api, http: client.ApiClient) -> None:
    full = quotas({"pods": "2"}, {"pods": "2"})
    assert told_about_quota(api, http, full).severity == "error"
    assert told_about_quota(api, http, full, releases={"spark": None}).severity == "ok"


def test_no_quota_and_one_for_some_pods_only_are_warnings(api: Api, http: client.ApiClient) -> None:
    assert told_about_quota(api, http, {"items": []}).severity == "warning"
    assert told_about_quota(api, http, quotas({"pods": "1"}, scopes=["BestEffort"])).severity == "warning"


def test_an_init_container_that_takes_more_counts(http: client.ApiClient) -> None:
    more = {"name": "i", "resources": {"requests": {"cpu": "2"}}}
    assert amounts.needed([deployment("500m", initContainers=[more])])["requests.cpu"] == 4


@pytest.mark.parametrize(
    ("text", "amount"),
    [("500m", "0.5"), ("2", "2"), ("12Gi", str(12 * 1024**3)), ("256M", "256000000"), ("1k", "1000")],
)
def test_amounts_are_read_as_kubernetes_does(text: str, amount: str) -> None:
    assert amounts.parse(text) == amounts.parse(amount)
