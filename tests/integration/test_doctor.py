"""The doctor's probe against real PostgreSQL and S3: a job's pod and the servers' Secrets, well and broken."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dataops.config import Settings
from dataops.platform.doctor import probe
from tests.integration.services import Services

SignIn = Callable[[str], Settings]


def test_a_job_finds_everything_well(catalog: Services, sign_in: SignIn) -> None:
    sign_in("job")
    found = probe.main("jobs")
    assert [one[0] for one in found] == ["ok"] * 6, found
    assert [one[3] for one in found] == ["s3", "clock", "database", "s3", "database", "database"]


def test_a_notebook_may_not_do_what_a_job_may(catalog: Services, sign_in: SignIn) -> None:
    found = list(probe.jobs(sign_in("notebook"), set()))
    assert [one[0] for one in found] == ["ok", "ok", "error"]
    assert "lake_notebook may not write tables of silver" in found[2][1]


def test_another_ca_is_said_once_for_each_server(
    catalog: Services, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("job")
    monkeypatch.setenv("DATAOPS_CA_BUNDLE", str(catalog.folder / "other-ca/ca-bundle.crt"))
    found = probe.main("jobs")
    assert [(one[0], one[3]) for one in found] == [("error", "s3"), ("error", "database")]
    assert all("signed by a CA that is not trusted here" in one[1] for one in found)


def test_the_servers_databases_are_opened_by_their_owners_only(
    catalog: Services, sign_in: SignIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = sign_in("job")
    where = urlsplit(str(settings.lake_catalog_uri)).netloc
    for name, user, password, database in (
        ("a-hub", "hub", catalog.root_key, "hub"),
        ("b-stranger", "hub", catalog.root_key, "airflow"),
        ("c-wrong", "mlflow", "wrong", "mlflow"),
        ("d-guest", "lake_job", catalog.root_key, "lake"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "uri").write_text(f"postgresql+psycopg2://{user}:{password}@{where}/{database}\n")
    found = list(probe.servers(settings, tmp_path))
    assert [one[0] for one in found] == ["ok", "error", "error", "error"], found
    assert found[0][1] == "hub opens database hub and may make tables"
    assert 'permission denied for database "airflow"' in found[1][1]
    assert "password authentication failed" in found[2][1] and catalog.root_key not in str(found)
    assert found[3][1] == "lake_job may not make tables in database lake"
