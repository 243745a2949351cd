"""The doctor as a whole: what it stops at, how it ends, and that its checks are found and described by rule."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from kubernetes import client
from typer.testing import CliRunner

from dataops.cli.app import app
from dataops.errors import UserError
from dataops.platform import ca, doctor, guard, helm, trust
from dataops.platform.charts import charts_of
from dataops.platform.doctor import probe
from dataops.platform.doctor.checks import authority, facts, people, secrets, services
from dataops.platform.doctor.findings import Finding, error, ok, warning, worst
from dataops.platform.environment import load_environment
from dataops.platform.kube import Cluster
from dataops.platform.smoke.context import CheckFailed
from tests.unit.platform.doctor.api import Api, context
from tests.unit.platform.fakes import FakeCluster, environment

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize(
    ("findings", "code", "word"),
    [
        ([], 0, "ok"),
        ([ok("a")], 0, "ok"),
        ([ok("a"), warning("b", "c")], 1, "warning"),
        ([error("d", "e"), warning("b", "c")], 2, "error"),
    ],
)
def test_the_worst_finding_is_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, findings: list[Finding], code: int, word: str
) -> None:
    monkeypatch.setattr(doctor, "look", lambda env: iter(findings))
    lines = CliRunner().invoke(app, ["doctor", "--env", "openshift"])
    assert lines.exit_code == worst(findings) == code
    assert lines.stdout.splitlines() == [*map(str, findings), lines.stdout.splitlines()[-1]]
    document = CliRunner().invoke(app, ["doctor", "--env", "openshift", "--json"])
    report = json.loads(document.stdout)
    assert document.exit_code == code and report["severity"] == word and report["environment"] == "openshift"
    assert [(one["severity"], one["what"], one["fix"]) for one in report["findings"]] == [
        (one.severity, one.what, one.fix) for one in findings
    ]


def test_a_line_shows_severity_name_and_fix() -> None:
    assert str(error("no room", "ask", "quota")) == "FAIL  quota       no room — ask"
    assert str(ok("fine", "quota")) == "ok    quota       fine"


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACTS", raising=False)
    monkeypatch.setattr(doctor, "discover", lambda: pytest.fail("a check ran"))


@pytest.mark.usefixtures("nothing_runs")
def test_a_wrong_file_and_the_wrong_cluster_end_it_before_any_check(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = doctor.look("nowhere")
    assert found.severity == "error" and found.name == "facts" and "ENV=nowhere is unknown" in found.what
    monkeypatch.setattr(guard, "choose", lambda root, place: FakeCluster())
    (found,) = doctor.look("openshift")
    assert found.severity == "error" and found.name == "context" and "https://fake:6443, but openshift" in found.what


@pytest.mark.usefixtures("nothing_runs")
def test_charts_that_cannot_be_rendered_end_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> str:
        raise UserError("chart spark cannot be rendered")

    monkeypatch.setattr(guard, "choose", lambda root, place: FakeCluster())
    monkeypatch.setattr(guard, "check", lambda cluster, place: None)
    monkeypatch.setattr(helm, "template", refuse)
    first, second = doctor.look("openshift")
    assert first.severity == "ok" and second.name == "charts" and second.severity == "error"


def test_each_check_is_found_in_its_order_and_stands_in_the_docs() -> None:
    found = doctor.discover()
    orders = [module.ORDER for module in found]
    assert orders == sorted(orders) and len(set(orders)) == len(orders) >= 13
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", (ROOT / "docs/DOCTOR.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(module.__name__.rpartition(".")[2], str(module.__doc__).partition("\n")[0]) for module in found]


def test_facts_that_are_still_examples_are_each_named(monkeypatch: pytest.MonkeyPatch, http: client.ApiClient) -> None:
    monkeypatch.delenv("FACTS", raising=False)
    found = list(facts.check(context(http, place=load_environment(ROOT, "openshift"))))
    said = [one.what for one in found]
    assert "global.registry registry.example.com/dataops is still an example" in said
    assert "global.egress.s3[0].ipBlock.cidr 198.51.100.10/32 is still an example" in said
    assert {one.severity for one in found} == {"error"}
    (fine,) = facts.check(context(http, place=load_environment(ROOT, "local")))
    assert fine.severity == "ok"


def test_a_database_whose_certificate_nobody_checks_is_a_warning(http: client.ApiClient) -> None:
    for mode, severities in (("require", ["warning", "ok"]), ("verify-full", ["ok"])):
        place = environment("openshift", database={"host": "db.test", "port": 5432, "sslmode": mode})
        assert [one.severity for one in facts.check(context(http, place=place))] == severities


def test_a_namespace_with_several_roles_is_a_warning(http: client.ApiClient) -> None:
    names = {"servers": "all", "users": "all", "jobs": "jobs"}
    place = environment(namespaces=names, database={"sslmode": "verify-full"})
    first, second = facts.check(context(http, place=place))
    assert (first.severity, second.severity) == ("warning", "ok") and "reads every Secret in it" in first.what


def test_a_namespace_that_people_share_is_said_with_what_it_costs(http: client.ApiClient) -> None:
    (shared,), (local,) = (people.check(context(http, place=environment(name))) for name in ("openshift", "local"))
    assert shared.severity == "warning" and "anyone can act as another" in shared.what and "users" in shared.fix
    assert local.severity == "ok" and "anyone can act as another" in local.what
    listed = {"users": ["anna", "ben"]}
    (each,) = people.check(context(http, place=environment("openshift", **listed, login={"kind": "oidc"})))
    assert each.severity == "ok" and "2 people have a namespace" in each.what
    (fooled,) = people.check(context(http, place=environment("openshift", **listed)))
    assert fooled.severity == "warning" and "one password lets anybody in under any name" in fooled.what


def declared(monkeypatch: pytest.MonkeyPatch, problems: list[tuple[str, str]]) -> None:
    monkeypatch.setattr(secrets, "read_all", lambda charts, place: {"a": None})

    def verify(*_: Any) -> None:
        if problems:
            raise UserError("\n       ".join(["`make x` makes most:", *(f"{what}: {how}" for what, how in problems)]))

    monkeypatch.setattr("dataops.platform.secrets.verify", verify)


def test_each_problem_of_a_secret_is_a_line(http: client.ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    declared(
        monkeypatch, [("Secret a lacks b", "kubectl create"), ("Secret a has an empty value in c", "that command")]
    )
    found = list(secrets.check(context(http)))
    assert [(one.severity, one.what, one.fix) for one in found][0] == ("error", "Secret a lacks b", "kubectl create")
    assert [one.fix for one in found] == ["kubectl create", "`make x`"]
    declared(monkeypatch, [])
    assert [one.severity for one in secrets.check(context(http))] == ["ok"]
    local = environment()
    declared(monkeypatch, [("Secret a lacks b", "kubectl create")])
    assert [one.severity for one in secrets.check(context(http, place=local))] == ["ok"], "the deploy makes it"
    assert [one.severity for one in secrets.check(context(http, place=local, releases={"x": 1}))] == ["error"]


def certificate(days: float, monkeypatch: pytest.MonkeyPatch) -> str:
    """A CA that ends so many days from now."""
    with monkeypatch.context() as patch:
        patch.setattr(ca, "CA_YEARS", days / 365)
        return ca.new_ca()[0]


@pytest.mark.parametrize(
    ("days", "severities", "said"),
    [
        ([400], ["ok"], "holds 1 certificate(s)"),
        ([20], ["warning", "ok"], f"ends on {datetime.now(UTC) + timedelta(days=20):%Y}"),
        ([-0.02], ["error"], "which expired on"),
        ([-0.02, 400], ["warning", "ok"], "which expired on"),
    ],
)
def test_a_ca_that_has_expired_or_soon_will_is_told(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch, days: list[float], severities: list[str], said: str
) -> None:
    text = "".join(certificate(one, monkeypatch) for one in days)
    monkeypatch.setattr(trust, "private", lambda cluster, place: (text.encode(), "the CA file"))
    monkeypatch.setattr(trust, "stale", lambda cluster, place: {"dataops": True})
    found = list(authority.check(context(http)))
    assert [one.severity for one in found] == severities and said in found[0].what
    with_release = list(authority.check(context(http, releases={"platform": None})))
    assert any("dataops is not made of today's CA" in one.what for one in with_release)


def test_a_ca_bundle_of_another_input_is_stale() -> None:
    cluster = FakeCluster(secrets={("dataops", "local-ca"): {"tls.crt": ca.new_ca()[0].encode()}})
    real = cast(Cluster, cluster)
    assert trust.stale(real, environment()) == {"dataops": False, "dataops-users": False, "dataops-jobs": False}
    trust.ensure(real, environment())
    assert trust.stale(real, environment()) == {}
    cluster.secrets[("dataops", "local-ca")]["tls.crt"] = ca.new_ca()[0].encode()
    assert trust.stale(real, environment()) == {"dataops": True, "dataops-users": True, "dataops-jobs": True}


PLACE = environment(
    "openshift",
    registry="registry.test/dataops",
    database={"host": "db.invalid", "port": 5432, "sslmode": "verify-full"},
    s3={"endpointUrl": "https://s3.invalid"},
    imagePullSecrets=[{"name": "login"}],
)


def with_facts(http: client.ApiClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A place where the first deploy has been."""
    known = SimpleNamespace(data={"SPARK_EXECUTOR_IMAGE": "registry.test/dataops/spark:1"})
    monkeypatch.setattr(Cluster, "config_map", lambda self, namespace, name: known)
    charts = charts_of(ROOT, load_environment(ROOT, "openshift"))
    return context(http, place=PLACE, charts=charts)


def test_before_the_first_deploy_it_looks_from_here(http: client.ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "run_pod", lambda *_: pytest.fail("a pod was started"))
    monkeypatch.setattr(trust, "bundle", lambda cluster, place: ca.new_ca()[0])
    first, second, third = services.check(context(http, place=PLACE))
    assert first.name == "s3" and "s3.invalid does not resolve" in first.what and first.severity == "error"
    assert second.name == "database" and "db.invalid does not resolve" in second.what
    assert third.severity == "ok" and "after the first `make deploy ENV=openshift`" in third.what


def test_after_it_a_pod_of_the_jobs_and_one_of_the_servers_look(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, Any]] = []

    def run_pod(made: Any, pod: dict[str, Any], timeout: float) -> dict[str, Any]:
        started.append(pod)
        if pod["metadata"]["namespace"] == "dataops":
            raise CheckFailed("Job dataops/doctor did not end in 150 s: it has no pod")
        return {"findings": [["warning", "the clocks are off", "set them", "clock"]]}

    monkeypatch.setattr(services, "run_pod", run_pod)
    first, second = services.check(with_facts(http, monkeypatch))
    assert first == Finding("warning", "the clocks are off", "set them", "clock")
    assert second.severity == "error" and "the probe in servers: Job dataops/doctor did not end" in second.what
    jobs, servers = (pod["spec"] for pod in started)
    text = Path(probe.__file__).read_text(encoding="utf-8")
    assert jobs["containers"][0]["args"] == ["python", "-c", text, "jobs"]
    assert servers["containers"][0]["args"][3] == "servers" and servers["serviceAccountName"] == "default"
    assert jobs["imagePullSecrets"] == servers["imagePullSecrets"] == [{"name": "login"}]
    mounted = {one["secret"]["secretName"] for one in servers["volumes"] if "secret" in one}
    assert mounted == {
        *("hub-database", "mlflow-database", "airflow-database", "mlflow-auth"),
        *("s3-airflow", "s3-triggerer", "s3-mlflow", "s3-spark-history"),
    }
    assert {one["mountPath"] for one in servers["containers"][0]["volumeMounts"]} >= {"/etc/doctor/hub-database"}
    assert set(probe.ACCOUNTS) <= mounted


def test_every_check_survives_a_cluster_that_refuses_everything(
    http: client.ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Api, method: str, target: str, body: Any) -> Any:
        return 403, {"kind": "Status", "message": "no"}, {}

    monkeypatch.setattr(Api, "answer", refuse)
    monkeypatch.setattr(helm, "releases", lambda *_: {})
    made = with_facts(http, monkeypatch)
    for module in doctor.discover():
        name = module.__name__.rpartition(".")[2]
        if name in ("services", "images"):
            continue  # they ask others than the cluster
        assert all(isinstance(one, Finding) and one.name for one in doctor.run(module, made)), name
