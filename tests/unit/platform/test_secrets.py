"""Secrets are created where missing and never overwritten; the bundle of the CA follows its input."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography import x509

from dataops.errors import UserError
from dataops.platform import ca, secrets, trust
from dataops.platform.declarations import Declaration
from dataops.platform.kube import Cluster
from tests.unit.platform.fakes import FakeCluster, environment

DECLARED: list[dict[str, Any]] = [
    {
        "name": "app-database",
        "description": "d",
        "namespaces": ["servers"],
        "keys": {
            "password": {"generate": "password"},
            "uri": {"value": "postgresql://app:{app-database/password}@{database.host}:{database.port}/app"},
        },
    },
    {
        "name": "job-login",
        "description": "d",
        "namespaces": ["servers", "jobs"],
        "keys": {"USERNAME": {"value": "admin"}, "PASSWORD": {"generate": "password"}},
    },
    {
        "name": "local-ca",
        "description": "d",
        "namespaces": ["servers"],
        "keys": {"tls.crt": {"generate": "ca"}, "tls.key": {"generate": "ca"}},
    },
    {
        "name": "web-tls",
        "description": "d",
        "namespaces": ["servers"],
        "keys": {
            "tls.crt": {"generate": "tls", "names": ["web.{namespaces.servers}", "127.0.0.1"]},
            "tls.key": {"generate": "tls"},
        },
    },
]


def declared() -> dict[str, Declaration]:
    return {entry["name"]: Declaration.model_validate(entry) for entry in DECLARED}


def ensure(cluster: FakeCluster) -> list[str]:
    return secrets.ensure(cast(Cluster, cluster), environment(), declared())


def test_everything_is_made_and_a_second_run_writes_nothing() -> None:
    cluster = FakeCluster()
    ensure(cluster)
    before, writes = {name: dict(data) for name, data in cluster.secrets.items()}, cluster.writes
    assert set(before) == {
        ("dataops", "app-database"),
        ("dataops", "job-login"),
        ("dataops-jobs", "job-login"),
        ("dataops", "local-ca"),
        ("dataops", "web-tls"),
    }
    assert ensure(cluster) == []
    assert cluster.secrets == before and cluster.writes == writes


def test_a_reference_is_filled_in() -> None:
    cluster = FakeCluster()
    ensure(cluster)
    data = cluster.secrets[("dataops", "app-database")]
    assert data["uri"].decode() == f"postgresql://app:{data['password'].decode()}@postgres.example:5432/app"


def test_one_secret_is_the_same_in_all_its_namespaces() -> None:
    cluster = FakeCluster()
    ensure(cluster)
    assert cluster.secrets[("dataops", "job-login")] == cluster.secrets[("dataops-jobs", "job-login")]
    del cluster.secrets[("dataops-jobs", "job-login")]
    ensure(cluster)
    assert cluster.secrets[("dataops", "job-login")] == cluster.secrets[("dataops-jobs", "job-login")]


def test_one_namespace_for_all_roles_gets_each_secret_once() -> None:
    cluster = FakeCluster()
    place = environment(namespaces=dict.fromkeys(("servers", "users", "jobs"), "one"))
    secrets.ensure(cast(Cluster, cluster), place, declared())
    assert set(cluster.secrets) == {("one", entry["name"]) for entry in DECLARED} and cluster.writes == len(DECLARED)


def test_existing_keys_stay_and_missing_ones_are_added() -> None:
    cluster = FakeCluster(secrets={("dataops", "app-database"): {"password": b"mine", "extra": b"kept"}})
    ensure(cluster)
    data = cluster.secrets[("dataops", "app-database")]
    assert data["password"] == b"mine" and data["extra"] == b"kept"
    assert b"app:mine@" in data["uri"]


def test_the_server_certificate_names_hosts_and_addresses() -> None:
    cluster = FakeCluster()
    ensure(cluster)
    certificate = x509.load_pem_x509_certificate(cluster.secrets[("dataops", "web-tls")]["tls.crt"])
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["web.dataops"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    authority = x509.load_pem_x509_certificate(cluster.secrets[("dataops", "local-ca")]["tls.crt"])
    certificate.verify_directly_issued_by(authority)


def test_a_lost_private_key_renews_its_certificate_too() -> None:
    cluster = FakeCluster()
    ensure(cluster)
    old = dict(cluster.secrets[("dataops", "web-tls")])
    del cluster.secrets[("dataops", "web-tls")]["tls.key"]
    ensure(cluster)
    new = cluster.secrets[("dataops", "web-tls")]
    assert new["tls.key"] != old["tls.key"] and new["tls.crt"] != old["tls.crt"]


def test_an_unknown_reference_is_one_sentence() -> None:
    wrong = {"name": "x", "description": "d", "namespaces": ["servers"], "keys": {"a": {"value": "{nowhere/key}"}}}
    with pytest.raises(UserError, match="nowhere/key.*no chart declares"):
        secrets.ensure(cast(Cluster, FakeCluster()), environment(), {"x": Declaration.model_validate(wrong)})


def test_the_bundle_is_written_anew_only_when_its_input_changed() -> None:
    cluster = FakeCluster()
    ensure(cluster)
    real = cast(Cluster, cluster)
    assert trust.ensure(real, environment()) == ["dataops", "dataops-users", "dataops-jobs"]
    assert trust.ensure(real, environment()) == []
    bundle = cluster.config_maps[("dataops", trust.NAME)].data[trust.BUNDLE]
    assert cluster.secrets[("dataops", "local-ca")]["tls.crt"].decode().strip() in bundle
    assert len(bundle) > 50_000, "the machine's own roots are missing"
    del cluster.secrets[("dataops", "local-ca")]
    ensure(cluster)
    assert trust.ensure(real, environment()) == ["dataops", "dataops-users", "dataops-jobs"]


@pytest.mark.parametrize("content", [b"", b"not a certificate", b"\xff\xfe"])
def test_a_ca_file_that_is_no_certificate_is_refused_and_nothing_is_written(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ca.pem").write_bytes(content)
    place, cluster = environment("openshift", ca={"file": str(tmp_path / "ca.pem")}), FakeCluster()
    with pytest.raises(UserError, match=f"^the CA file {tmp_path}/ca.pem holds no readable certificate: name a file"):
        trust.ensure(cast(Cluster, cluster), place)
    assert cluster.writes == 0


def test_a_ca_whose_time_is_over_is_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = ca.new_ca()[0]
    with monkeypatch.context() as patch:
        patch.setattr(ca, "CA_YEARS", -0.02 / 365)
        old = ca.new_ca()[0]
    place, cluster = environment("openshift", ca={"file": str(tmp_path / "ca.pem")}), FakeCluster()
    (tmp_path / "ca.pem").write_text(old)
    sentence = f"^the CA file {tmp_path}/ca.pem holds no certificate that is still valid, the last one expired on 20"
    with pytest.raises(UserError, match=sentence):
        trust.ensure(cast(Cluster, cluster), place)
    assert cluster.writes == 0
    (tmp_path / "ca.pem").write_text(old + now)  # beside the one that signs today an old one does no harm
    assert trust.ensure(cast(Cluster, cluster), place)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ({"file": "none.pem"}, "names the CA file environments/none.pem, which is not there: correct global.ca.file"),
        ({"configMap": "ours"}, "ConfigMap dataops/ours with the key ca-bundle.crt is missing: create it"),
        ({}, "names no CA: set global.ca.file or global.ca.configMap"),
    ],
)
def test_a_ca_that_is_missing_is_named(source: dict[str, str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        trust.ensure(cast(Cluster, FakeCluster()), environment("openshift", ca=source))


def test_servers_that_speak_tls_are_trusted_by_the_ca_of_openshift() -> None:
    cluster, own = FakeCluster(), ca.new_ca()[0]
    ensure(cluster)
    place, real = environment(routes={"mlflow": "reencrypt", "airflow": "edge"}), cast(Cluster, cluster)
    sentence = "ConfigMap dataops/openshift-service-ca.crt with the key service-ca.crt is missing.*routes to edge"
    with pytest.raises(UserError, match=sentence):
        trust.ensure(real, place)
    assert not cluster.config_maps
    cluster.config_maps["dataops", trust.SERVICE_CA] = SimpleNamespace(data={"service-ca.crt": own}, metadata=None)
    assert trust.ensure(real, place) == ["dataops", "dataops-users", "dataops-jobs"]
    assert own.strip() in cluster.config_maps["dataops-jobs", trust.NAME].data[trust.BUNDLE]
    assert trust.ensure(real, environment(routes={"mlflow": "edge"})), "nobody needs it any more"
    assert own.strip() not in cluster.config_maps["dataops-jobs", trust.NAME].data[trust.BUNDLE]
