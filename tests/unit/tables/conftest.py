"""A lake for tests: files of this machine and a catalog in one of them, which lets everybody write unless told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pyiceberg.catalog.sql import SqlCatalog

from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables import evolve, python


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty lake in a folder."""
    monkeypatch.setattr(evolve, "table_location", lambda table, _: f"file://{tmp_path}/{table.replace('.', '/')}")
    return _catalog(tmp_path, monkeypatch)


@pytest.fixture
def lake_on_s3(s3_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty lake on a store."""
    return _catalog(tmp_path, monkeypatch)


@pytest.fixture
def nobody_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalog refuses every write."""

    def refuse(table: str, settings: Settings) -> None:
        raise UserError(f"you may not write {table}")

    _rights(monkeypatch, refuse)


def _catalog(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    url = f"sqlite:///{folder}/catalog.db"
    SqlCatalog("lake", uri=url).close()  # makes the catalog's tables
    monkeypatch.setattr(python, "sqlalchemy_url", lambda settings: url)
    _rights(monkeypatch, lambda table, settings: None)
    return Settings.load()


def _rights(monkeypatch: pytest.MonkeyPatch, check: Callable[[str, Settings], None]) -> None:
    for module in (evolve, python):
        monkeypatch.setattr(module, "check_may_write", check)
