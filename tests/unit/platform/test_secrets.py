"""Secrets are created where missing, never overwritten, and verified where people supply them."""

from typing import Any, cast

import pytest
from cryptography import x509

from dataops.errors import UserError
from dataops.platform import secrets, trust
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


def verify(cluster: FakeCluster) -> None:
    secrets.verify(cast(Cluster, cluster), environment("openshift"), declared())


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


def test_verify_names_each_missing_key_and_how_to_create_it() -> None:
    cluster = FakeCluster()
    ensure(cluster)
    del cluster.secrets[("dataops-jobs", "job-login")]
    del cluster.secrets[("dataops", "app-database")]["uri"]
    with pytest.raises(UserError) as error:
        verify(cluster)
    assert "kubectl -n dataops-jobs create secret generic job-login" in str(error.value)
    assert "app-database lacks uri" in str(error.value)
    assert cluster.secrets[("dataops", "app-database")]["password"].decode() not in str(error.value)


@pytest.mark.parametrize("weak", ["", "  ", "minioadmin", "postgres", "Admin", "airflow", "password1234", "changeme"])
def test_verify_refuses_empty_and_well_known_values(weak: str) -> None:
    cluster = FakeCluster()
    ensure(cluster)
    verify(cluster)
    cluster.secrets[("dataops", "app-database")]["password"] = weak.encode()
    with pytest.raises(UserError, match="app-database"):
        verify(cluster)


def test_verify_looks_inside_addresses() -> None:
    cluster = FakeCluster()
    ensure(cluster)
    cluster.secrets[("dataops", "app-database")]["uri"] = b"postgresql://app:changeme@db.example:5432/app"
    with pytest.raises(UserError, match="a well-known value in uri"):
        verify(cluster)


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


def test_a_ca_file_that_is_no_certificate_is_refused(tmp_path: Any) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    place = environment("openshift", ca={"file": str(tmp_path / "ca.pem")})
    with pytest.raises(UserError, match="no readable certificate"):
        trust.ensure(cast(Cluster, FakeCluster()), place)
