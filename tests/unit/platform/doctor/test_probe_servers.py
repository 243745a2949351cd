"""Each account of the servers is tried with its own Secret, and no part of a password is shown."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest

from dataops.config import Settings
from dataops.platform.doctor import probe
from dataops.s3 import S3Client


def mounted(folder: Path, **secrets: dict[str, str]) -> Path:
    for name, keys in secrets.items():
        for key, value in keys.items():
            (folder / name.replace("_", "-")).mkdir(exist_ok=True)
            # as the kubelet does it: the key is a link into a folder that carries its date
            dated = folder / name.replace("_", "-") / "..2026_01_01"
            dated.mkdir(exist_ok=True)
            (dated / key).write_text(value)
            (dated.parent / key).symlink_to(dated / key)
    return folder


KEYS = {"S3_ACCESS_KEY_ID": "testing", "S3_SECRET_ACCESS_KEY": "testing"}


def test_each_account_of_the_servers_is_tried(s3: S3Client, s3_settings: Settings, tmp_path: Path) -> None:
    folder = mounted(tmp_path, s3_airflow=KEYS, s3_mlflow=KEYS, s3_spark_history=KEYS)
    first, *others = probe.servers(s3_settings, folder)
    assert first[0] == "error" and "bucket dataops-platform does not exist" in first[1]
    assert [one[1] for one in others] == [
        "s3-mlflow writes, reads and deletes mlflow/ of data-lake",
        "s3-spark-history writes, reads and deletes spark-events/ of data-lake",
    ]
    assert s3.list_objects("") == [] and list(probe.servers(s3_settings, tmp_path / "none")) == []


def databases(monkeypatch: pytest.MonkeyPatch, may: bool, opens: bool = True) -> list[str]:
    asked: list[str] = []

    class Cursor:
        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing is kept."""

        def execute(self, statement: str) -> None:
            """Any statement will do."""

        def fetchone(self) -> Any:
            return "hub", "hub", may

    def connect(address: str, **_: Any) -> Any:
        asked.append(address)
        if not opens:
            raise psycopg2.OperationalError("FATAL: password authentication failed")
        return SimpleNamespace(cursor=Cursor, close=lambda: None)

    monkeypatch.setattr(psycopg2, "connect", connect)
    return asked


def test_each_database_of_the_servers_is_opened_with_its_own_secret(
    s3_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = mounted(
        tmp_path,
        hub_database={"url": "postgresql+psycopg2://hub:s3cret%40@db:5432/hub", "password": "s3cret@"},
        mlflow_auth={
            "basic_auth.ini": "[mlflow]\ndatabase_uri = postgresql+psycopg2://mlflow:pw@db:5432/mlflow_auth\n"
        },
    )
    asked = databases(monkeypatch, may=True)
    assert [one[0] for one in probe.servers(s3_settings, folder)] == ["ok", "ok"]
    assert asked == ["postgresql://hub:s3cret%40@db:5432/hub", "postgresql://mlflow:pw@db:5432/mlflow_auth"]
    databases(monkeypatch, may=False)
    found = list(probe.servers(s3_settings, folder))
    assert [one[0] for one in found] == ["error", "error"] and "alter database hub owner to hub" in found[0][2]
    databases(monkeypatch, may=True, opens=False)
    found = list(probe.servers(s3_settings, folder))
    assert "Secret hub-database, url does not open its database (FATAL: password" in found[0][1]


def test_an_address_that_is_none_is_told_without_a_part_of_its_password(
    s3_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = mounted(tmp_path, hub_database={"url": "postgresql+psycopg2://hub:pa@zz@db:5432/hub"})
    asked = databases(monkeypatch, may=True)
    ((severity, what, fix, _),) = probe.servers(s3_settings, folder)
    assert severity == "error" and "holds no readable address" in what and "zz" not in what + fix
    assert not asked
