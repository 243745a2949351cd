"""Secrets are created where missing, never overwritten, and verified where people supply them."""

from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509

from dataops.errors import UserError
from dataops.platform import secrets, trust
from dataops.platform.charts import charts_of
from dataops.platform.declarations import Declaration, read_all
from dataops.platform.deploy import ensure_secrets
from dataops.platform.environment import load_environment
from dataops.platform.kube import Cluster
from tests.unit.platform.fakes import FakeCluster, environment

ROOT = Path(__file__).resolve().parents[3]
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


PATCH = "--patch-file=/dev/stdin"


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
    said = str(error.value)
    missing = "create secret generic job-login --from-file=USERNAME=<file> --from-file=PASSWORD=<file>"
    assert f"Secret job-login lacks USERNAME, PASSWORD: kubectl -n dataops-jobs {missing}\n" in f"{said}\n"
    assert "Secret app-database lacks uri: kubectl -n dataops create secret generic app-database --from" in said
    assert f"-o yaml | kubectl -n dataops patch secret app-database {PATCH}" in said
    assert cluster.secrets[("dataops", "app-database")]["password"].decode() not in str(error.value)


@pytest.mark.parametrize("weak", ["", "  ", "minioadmin", "postgres", "Admin", "airflow", "password1234", "changeme"])
def test_verify_refuses_empty_and_well_known_values(weak: str) -> None:
    cluster = FakeCluster()
    ensure(cluster)
    verify(cluster)
    cluster.secrets[("dataops", "app-database")]["password"] = weak.encode()
    with pytest.raises(UserError) as error:
        verify(cluster)
    reason = "a well-known value" if weak.strip() else "an empty value"
    assert f"Secret app-database has {reason} in password: kubectl -n dataops create secret" in str(error.value)
    assert "--from-file=password=<file> --dry-run=client -o yaml | kubectl -n dataops patch secret" in str(error.value)


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


@pytest.mark.parametrize("content", [b"", b"not a certificate", b"\xff\xfe"])
def test_a_ca_file_that_is_no_certificate_is_refused_and_nothing_is_written(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ca.pem").write_bytes(content)
    place, cluster = environment("openshift", ca={"file": str(tmp_path / "ca.pem")}), FakeCluster()
    with pytest.raises(UserError, match=f"^the CA file {tmp_path}/ca.pem holds no readable certificate: name a file"):
        trust.ensure(cast(Cluster, cluster), place)
    assert cluster.writes == 0


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


def test_openshift_without_secrets_names_every_one_and_generates_none() -> None:
    cluster, place = FakeCluster(), load_environment(ROOT, "openshift")
    with pytest.raises(UserError) as error:
        ensure_secrets(ROOT, cast(Cluster, cluster), place)
    said = str(error.value).splitlines()
    wanted = read_all(charts_of(ROOT, place), place)
    assert said[0] == f"{len(said) - 1} secret(s) need your hand:" and cluster.writes == 0
    for entry in wanted.values():
        for role in entry.namespaces:
            files = " ".join(f"--from-file={key}=<file>" for key in entry.keys)
            command = f"kubectl -n {place.namespaces[role]} create secret generic {entry.name} {files}"
            assert f"       Secret {entry.name} lacks {', '.join(entry.keys)}: {command}" in said
