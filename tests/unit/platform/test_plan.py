"""Order of charts, comparison of renders, and the facts of a place."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dataops.errors import UserError
from dataops.platform import helm, plan, wait
from dataops.platform.charts import charts_of, discover
from dataops.platform.environment import load_environment
from dataops.platform.kube import Cluster
from dataops.platform.versions import load_versions
from tests.unit.platform.fakes import FakeCluster, environment

ROOT = Path(__file__).resolve().parents[3]


def thing(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name}, "spec": spec}


def chart(root: Path, name: str, order: str | None, only: str = "", kind: str = "application") -> None:
    folder = root / "charts" / name
    folder.mkdir(parents=True)
    notes = "".join(
        f'  {key}: "{value}"\n' for key, value in (("dataops/order", order), ("dataops/environments", only)) if value
    )
    (folder / "Chart.yaml").write_text(f"name: {name}\nversion: 0.1.0\ntype: {kind}\nannotations:\n{notes or '  {}'}\n")


def test_charts_are_found_by_rule_and_ordered(tmp_path: Path) -> None:
    chart(tmp_path, "late", "100")
    chart(tmp_path, "early", "20")
    chart(tmp_path, "first", "10", only="local")
    chart(tmp_path, "fragments", None, kind="library")
    assert [one.name for one in discover(tmp_path)] == ["first", "early", "late"]
    assert [one.name for one in charts_of(tmp_path, environment("openshift"))] == ["early", "late"]
    assert [one.name for one in charts_of(tmp_path, environment(), "late")] == ["late"]
    with pytest.raises(UserError, match="first is no chart of ENV=openshift: choose one of early, late"):
        charts_of(tmp_path, environment("openshift"), "first")


def test_a_chart_without_a_place_is_refused(tmp_path: Path) -> None:
    chart(tmp_path, "lost", None)
    with pytest.raises(UserError, match="dataops/order"):
        discover(tmp_path)


def test_the_repositorys_charts_start_with_what_others_need() -> None:
    names = [one.name for one in charts_of(ROOT, load_environment(ROOT, "local"))]
    assert names[:2] == ["local-services", "platform"]
    assert "local-services" not in [one.name for one in charts_of(ROOT, load_environment(ROOT, "openshift"))]


def test_an_unknown_environment_is_one_sentence() -> None:
    with pytest.raises(UserError, match="ENV=moon is unknown: choose one of local, openshift"):
        load_environment(ROOT, "moon")


def test_equal_renders_have_no_difference_whatever_their_order() -> None:
    one = [thing("Service", "a", port=1), thing("Deployment", "a", image="x:1")]
    assert helm.difference(one, list(reversed(one))) == []


def test_a_difference_names_each_object() -> None:
    old = [thing("Service", "gone"), thing("Deployment", "web", image="x:1"), thing("Service", "same")]
    new = [thing("Service", "new"), thing("Deployment", "web", image="x:2"), thing("Service", "same")]
    assert helm.difference(new, old) == ["~ Deployment web", "- Service gone", "+ Service new"]


def test_secrets_named_anywhere_are_found() -> None:
    pod = {
        "containers": [
            {
                "envFrom": [{"secretRef": {"name": "s3-a"}}, {"configMapRef": {"name": "not-me"}}],
                "env": [{"valueFrom": {"secretKeyRef": {"name": "login", "key": "k"}}}],
            }
        ],
        "volumes": [
            {"secret": {"secretName": "tls"}},
            {"projected": {"sources": [{"secret": {"name": "projected"}}]}},
            {"configMap": {"name": "not-me-either"}},
        ],
    }
    assert plan._secret_names([thing("Deployment", "web", pod=pod)]) == {"s3-a", "login", "tls", "projected"}


def test_a_certificate_that_the_platform_makes_changes_no_checksum() -> None:
    service, pod = thing("Service", "web"), thing("Deployment", "web", volumes=[{"secret": {"secretName": "web-tls"}}])
    service["metadata"]["annotations"] = {plan.SERVING_CERTIFICATE: "web-tls"}
    cluster, place = FakeCluster(), environment()
    before = plan._checksum(cast(Cluster, cluster), [service, pod], place)
    cluster.secrets["dataops", "web-tls"] = {"tls.crt": b"made after the Service", "tls.key": b"x"}
    assert plan._checksum(cast(Cluster, cluster), [service, pod], place) == before
    assert plan._checksum(cast(Cluster, cluster), [pod], place) != before


def test_helm_tests_are_not_waited_for() -> None:
    test = thing("Job", "test")
    test["metadata"]["annotations"] = {"helm.sh/hook": "test"}
    found = wait.workloads([thing("Deployment", "web"), test, thing("Service", "web")], "dataops")
    assert [str(one) for one in found] == ["Deployment dataops/web"]


@pytest.mark.parametrize(
    ("replicas", "updated", "ready", "seen", "expected"),
    [(1, 1, 1, 2, True), (1, 1, 0, 2, False), (2, 1, 1, 2, False), (1, 1, 1, 1, False)],
)
def test_a_deployment_is_ready_when_its_new_pods_are(
    replicas: int, updated: int, ready: int, seen: int, expected: bool
) -> None:
    status = SimpleNamespace(
        observed_generation=seen, updated_replicas=updated, ready_replicas=ready, replicas=replicas, conditions=None
    )
    found = SimpleNamespace(
        spec=SimpleNamespace(replicas=1), metadata=SimpleNamespace(generation=2, deletion_timestamp=None), status=status
    )
    reader = SimpleNamespace(
        read_namespaced_deployment=lambda name, namespace: found, read_namespaced_stateful_set=None
    )
    cluster = cast(Cluster, SimpleNamespace(apps=reader, batch=SimpleNamespace(read_namespaced_job=None)))
    assert wait._ready(cluster, wait.Workload("Deployment", "dataops", "web")) is expected


def test_a_version_line_without_a_value_is_named(tmp_path: Path) -> None:
    (tmp_path / "versions.env").write_text("# comment\nGOOD=1\nBAD\n")
    with pytest.raises(UserError, match="line 3"):
        load_versions(tmp_path)


def test_the_environment_chooses_the_other_supported_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "versions.env").write_text("ENGINE_VERSION=2.0\nENGINE_VERSION_ALSO_SUPPORTED=1.9\nTOOL_VERSION=5\n")
    monkeypatch.setenv("ENGINE_VERSION", "1.9")
    monkeypatch.setenv("TOOL_VERSION", "6")  # of this one only the file decides
    assert load_versions(tmp_path) == {
        "ENGINE_VERSION": "1.9",
        "ENGINE_VERSION_ALSO_SUPPORTED": "2.0",
        "TOOL_VERSION": "5",
    }
    monkeypatch.setenv("ENGINE_VERSION", "1.8")
    with pytest.raises(UserError, match="ENGINE_VERSION=1.8 is not supported: choose 2.0 or 1.9"):
        load_versions(tmp_path)
