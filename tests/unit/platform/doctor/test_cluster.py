"""Versions, storage, admission and half-finished deploys: what is wrong is named, and nothing is said otherwise."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest
from kubernetes import client

from dataops.platform import helm
from dataops.platform.charts import Chart
from dataops.platform.doctor import run
from dataops.platform.doctor.checks import pods, releases, storage, version
from dataops.platform.doctor.findings import Finding
from tests.unit.platform.doctor.api import Api, bad, context, deployment, refusal

PODS = "/api/v1/namespaces/{}/pods"


@pytest.mark.parametrize(("served", "severity"), [("v1.24.17", "error"), ("v1.25.0", "ok"), ("v1.33.1+ocp", "ok")])
def test_an_old_kubernetes_is_refused(
    api: Api, http: client.ApiClient, tmp_path: Path, served: str, severity: str
) -> None:
    (tmp_path / "Chart.yaml").write_text('kubeVersion: ">=1.25.0-0"\n')
    words = ("major", "minor", "gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler", "platform")
    api.objects["/version/"] = {"gitVersion": served, **dict.fromkeys(words, "x")}
    (said,) = version.check(context(http, charts=[Chart("spark", tmp_path, 1, frozenset(), "0.1.0")]))
    assert said.severity == severity and served in said.what
    assert severity == "ok" or "too old for spark, which want >=1.25.0-0" in said.what


def classes(**default: bool) -> dict[str, Any]:
    return {
        "items": [
            {"provisioner": "p", "metadata": {"name": name, "annotations": {storage.DEFAULT[0]: str(yes).lower()}}}
            for name, yes in default.items()
        ]
    }


@pytest.mark.parametrize(
    ("there", "named", "said"),
    [
        (classes(fast=True), "", ""),
        (classes(fast=False), "fast", ""),
        (classes(fast=False), "", "no default storage class (there is: fast)"),
        (classes(), "", "no default storage class (there is: none)"),
        (classes(fast=True), "slow", "storage class slow does not exist (there is: fast)"),
    ],
)
def test_a_storage_class_that_nobody_has_is_named(
    api: Api, http: client.ApiClient, there: dict[str, Any], named: str, said: str
) -> None:
    api.objects["/apis/storage.k8s.io/v1/storageclasses"] = there
    made = context(http, rendered=f'    home:\n      storageClass: "{named}"\n')
    problems = bad(list(storage.check(made)))
    assert [one.severity for one in problems] == (["error"] if said else [])
    assert not said or said in problems[0].what


def test_what_one_may_not_see_is_a_warning(api: Api, http: client.ApiClient) -> None:
    api.objects["/apis/storage.k8s.io/v1/storageclasses"] = refusal(403, "storageclasses is forbidden")
    (said,) = run(storage, context(http))
    assert said.severity == "warning" and "storageclasses is forbidden" in said.what and said.name == "storage"


def admitted(scc: str = "restricted-v2", warn: str = "") -> Any:
    def admit(namespace: str, pod: dict[str, Any]) -> Any:
        about = {**pod["metadata"], "annotations": {"openshift.io/scc": scc}}
        return 201, {**pod, "metadata": about}, {"Warning": f'299 - "{warn}"'} if warn else {}

    return admit


def running(api: Api, **scc: str) -> None:
    for place in ("dataops", "dataops-users", "dataops-jobs"):
        api.objects[PODS.format(place)] = {"items": []}
    about = [{"name": name, "namespace": "dataops", "annotations": {pods.SCC: one}} for name, one in scc.items()]
    api.objects[PODS.format("dataops")] = {"items": [{"metadata": one} for one in about]}


def test_every_pod_is_asked_about_by_a_dry_run(api: Api, http: client.ApiClient) -> None:
    api.admit = admitted()
    running(api, hub="restricted-v2")
    pod = "kind: Pod\nspec: {containers: [{name: c}]}"
    template = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"pod_template.yaml": pod}}
    found = list(pods.check(context(http, [deployment(), template])))
    assert not bad(found)
    said = [one.what for one in found]
    assert said == [
        "dataops takes 1 pod(s) by restricted-v2",
        "dataops-jobs takes 2 pod(s) by restricted-v2",
        "1 pod(s) run by restricted-v2",
    ]
    assert all(what.startswith(("GET ", "POST")) and body is None or "/pods" in what for what, body in api.asked)


def test_a_stateful_sets_pod_is_asked_about_with_the_volumes_it_will_have(api: Api, http: client.ApiClient) -> None:
    server = {**deployment(), "kind": "StatefulSet", "metadata": {"name": "s3"}}
    server["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    ((_, _, pod),) = context(http, [server]).pods()
    assert pod["spec"]["volumes"] == [{"name": "data", "persistentVolumeClaim": {"claimName": "data-s3-0"}}]


def test_a_pod_the_cluster_rejects_is_said_in_the_servers_own_words(api: Api, http: client.ApiClient) -> None:
    words = 'pods "doctor-" is forbidden: unable to validate against any security context constraint: ' + "x" * 900
    running(api)
    api.admit = lambda namespace, pod: refusal(403, words) if namespace == "dataops" else admitted()(namespace, pod)
    (problem,) = bad(list(pods.check(context(http, [deployment()]))))
    assert problem.severity == "error" and len(problem.what) < 400
    assert "dataops refuses the pod of Deployment x: unable to validate against any security" in problem.what


def test_a_warning_of_pod_security_is_told(api: Api, http: client.ApiClient) -> None:
    running(api)
    api.admit = admitted(warn="would violate PodSecurity")
    problems = bad(list(pods.check(context(http, [deployment()]))))
    assert {one.severity for one in problems} == {"warning"} and "would violate PodSecurity" in problems[0].what


@pytest.mark.parametrize("scc", ["anyuid", "privileged"])
def test_another_constraint_is_an_error_on_openshift_only(api: Api, http: client.ApiClient, scc: str) -> None:
    api.admit = admitted(scc)
    running(api, hub=scc)
    problems = bad(list(pods.check(context(http, [deployment()]))))
    assert f"the pod of Deployment x in dataops is admitted by {scc}" in problems[0].what
    assert f"pod dataops/hub is admitted by {scc}" in problems[-1].what and problems[-1].severity == "error"
    del api.kinds["route.openshift.io/v1"]
    assert not bad(list(pods.check(context(http, [deployment()]))))


def test_an_account_still_to_come_does_not_hide_the_verdict(api: Api, http: client.ApiClient) -> None:
    running(api)

    def admit(namespace: str, pod: dict[str, Any]) -> Any:
        if pod["spec"]["serviceAccountName"] != "default":
            return refusal(403, 'error looking up service account dataops/hub: serviceaccount "hub" not found')
        return admitted("anyuid")(namespace, pod)

    api.admit = admit
    problems = bad(list(pods.check(context(http, [deployment(serviceAccountName="hub")]))))
    assert "is admitted by anyuid" in problems[0].what


def installed(**status: str) -> dict[str, helm.Release]:
    return {name: helm.Release(1, word, "0.1.0") for name, word in status.items()}


def told_about_releases(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch, found: dict[str, helm.Release], **images: str
) -> list[Finding]:
    charts = [Chart(name, Path(), 1, frozenset(), "0.1.0") for name in ("platform", "spark")]
    named = {name: [{"image": f"registry.test/dataops/{image}"}] for name, image in images.items()}
    monkeypatch.setattr(helm, "installed", lambda cluster, name, place: named.get(name, []))
    return list(releases.check(context(http, charts=charts, releases=found)))


def test_whole_releases_and_none_are_well(http: client.ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = told_about_releases(http, monkeypatch, {})
    assert said.what == "nothing is installed yet"
    (said,) = told_about_releases(
        http, monkeypatch, installed(platform="deployed", spark="deployed"), platform="spark:1", spark="spark:1"
    )
    assert said.severity == "ok"


@pytest.mark.parametrize("word", ["pending-upgrade", "pending-install", "failed"])
def test_a_release_that_stopped_half_way_is_named(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    (said,) = told_about_releases(http, monkeypatch, installed(platform="deployed", spark=word))
    assert said.severity == "error" and f"spark as {word}" in said.what
    assert said.fix == "run `make deploy ENV=openshift`, which goes on from there"


def test_a_power_cut_between_two_charts_is_seen(http: client.ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = told_about_releases(http, monkeypatch, installed(platform="deployed"))
    assert said.severity == "error" and said.what == "installed are platform, but not spark"
    both = installed(platform="deployed", spark="deployed")
    (said,) = told_about_releases(http, monkeypatch, both, platform="spark:new", spark="spark:old")
    assert said.severity == "warning" and "image spark runs as new (platform); old (spark)" in said.what
    both["spark"] = helm.Release(1, "deployed", "0.2.0")
    (said,) = told_about_releases(http, monkeypatch, both)
    assert "charts are of versions 0.1.0 (platform); 0.2.0 (spark)" in said.what


def test_a_check_that_breaks_is_a_finding(http: client.ApiClient) -> None:
    def check(made: Any) -> Iterator[Finding]:
        yield Finding("ok", "so far")
        raise KeyError("surprise")

    first, second = run(cast(ModuleType, SimpleNamespace(__name__="a.b.odd", check=check)), context(http))
    assert first.name == "odd" and second.severity == "error" and "the check itself broke: KeyError" in second.what
