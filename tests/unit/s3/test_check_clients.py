"""Clients in processes of their own with the settings that passed, the command, and the fragment it prints."""

import json
from importlib import import_module
from types import ModuleType

import pytest
import yaml
from typer.testing import CliRunner

from dataops.cli.app import app
from dataops.platform.paths import repository_root
from dataops.s3.check import Status, check, fragment
from dataops.s3.check.clients import arrow, boto, frames, mlflow_direct, objects, run, s3a
from dataops.testing.faulty_s3 import Fault, FaultyS3
from tests.unit.s3.checked import few, settings_of

__all__ = ["few"]


def tried(client: ModuleType, store: FaultyS3, **changed: str) -> dict[str, Status]:
    """How a client does at a store."""
    return {one.name: one.status for one in run.run(client, settings_of(store, **changed), "sandbox/x/", 60)}


def test_clients_work_at_a_good_store_and_leave_nothing() -> None:
    with FaultyS3() as store:
        assert tried(boto, store) == {"boto3": Status.OK}
        assert tried(objects, store) == {"object_store": Status.OK}
        assert tried(frames, store) == {"polars": Status.OK}
        assert tried(arrow, store) == {"pyarrow": Status.OK, "pyiceberg": Status.OK}
        assert tried(mlflow_direct, store) == {"mlflow-direct": Status.OK}
        # PyArrow leaves a mark where it deleted the last file of a folder; the check itself tidies that up
        assert all(key.endswith("/") for key in store.memory.buckets["data-lake"])


def test_with_the_older_signature_some_work_and_the_others_say_that_they_cannot() -> None:
    with FaultyS3([Fault.V2_ONLY]) as store:
        older = {"aws_s3_signature_version": "s3"}
        assert tried(boto, store, **older) == {"boto3": Status.OK}
        assert tried(mlflow_direct, store, **older) == {"mlflow-direct": Status.OK}
        assert tried(arrow, store, **older) == {"pyarrow": Status.UNSUPPORTED, "pyiceberg": Status.OK}
        for client in (objects, frames):
            assert set(tried(client, store, **older).values()) == {Status.UNSUPPORTED}
        assert tried(boto, store) == {"boto3": Status.FAILED}


def test_a_client_that_is_not_here_says_where_it_is() -> None:
    absent = ModuleType("absent")
    absent.__dict__.update(TITLE="absent", NEEDS="no_such_library", WHERE="elsewhere")
    with FaultyS3() as store:
        (found,) = run.run(absent, settings_of(store), "sandbox/x/", 60)
    assert (found.status, found.setting) == (Status.NOT_CHECKED, "elsewhere")


def test_a_client_that_takes_too_long_is_stopped() -> None:
    with FaultyS3() as store:
        (found,) = run.run(s3a, settings_of(store), "sandbox/x/", 0.01)
    assert found.status is Status.FAILED and "did not end" in found.seen


def test_every_client_is_found_in_its_order() -> None:
    titles = [client.TITLE for client in run.discover()]
    assert titles == [
        "boto3",
        "object_store",
        "pyarrow",
        "polars",
        "s3a",
        "mlflow-direct",
        "mlflow-proxied",
        "airflow-logs",
    ]


def test_the_fragment_has_the_keys_of_an_environment_and_works_there(few: None) -> None:
    local = yaml.safe_load((repository_root() / "environments/local.yaml").read_text(encoding="utf-8"))
    with FaultyS3([Fault.NO_MULTI_DELETE]) as store:
        report = check(settings_of(store), with_clients=False)
    written = yaml.safe_load(fragment(report.settings))
    assert written["global"]["s3"].keys() == local["global"]["s3"].keys()
    assert written["global"]["s3"]["multiDelete"] is False


@pytest.mark.parametrize(("faults", "code"), [((), 0), ((Fault.FORGETS_UPLOADS,), 1)])
def test_the_command_ends_with_1_when_something_fails_and_shows_no_secret(
    faults: tuple[Fault, ...], code: int, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("dataops.s3.check.clients.run"), "discover", list)
    with FaultyS3(faults, secret_key="a canary of a secret") as store:
        monkeypatch.setenv("S3_ENDPOINT_URL", store.url)
        monkeypatch.setenv("S3_ACCESS_KEY_ID", store.access_key)
        monkeypatch.setenv("S3_SECRET_ACCESS_KEY", store.secret_key)
        monkeypatch.delenv("DATAOPS_CA_BUNDLE", raising=False)
        done = CliRunner().invoke(app, ["s3", "check", "--json"])
    assert done.exit_code == code and store.secret_key not in done.output
    assert json.loads(done.stdout)["bucket"] == "data-lake"
