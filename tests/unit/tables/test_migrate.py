"""The catalog is not made in a database that is too old, and one that is still starting is waited for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from dataops.errors import UserError
from dataops.platform.doctor.probe import POSTGRES_REFUSED
from dataops.tables import migrate


class Database:
    """A server of one release, which refuses so many times before it lets somebody in."""

    def __init__(self, version: int, refusals: int = 0) -> None:
        self.version, self.refusals, self.done = version, refusals, 0

    @contextmanager
    def cursor(self, settings: Any) -> Iterator[Any]:
        if self.refusals:
            self.refusals -= 1
            raise UserError("the catalog refuses user lake_owner")
        yield SimpleNamespace(connection=SimpleNamespace(server_version=self.version), execute=self._execute)

    def _execute(self, sql: str) -> None:
        self.done += 1


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited."""
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    monkeypatch.setenv("LAKE_CATALOG_URI", "postgresql://db.test:5432/lake")
    return found


def test_an_old_postgresql_is_refused_at_once_and_unchanged(
    waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(130012)
    monkeypatch.setattr(migrate, "catalog_cursor", database.cursor)
    sentence = (
        "^error: postgresql://db.test:5432/lake is PostgreSQL 13, the platform needs 14 or later: have it upgraded$"
    )
    with pytest.raises(SystemExit, match=sentence):
        migrate.main()
    assert database.done == 0 and waits == []


def test_a_database_that_starts_beside_it_is_waited_for(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(140000, refusals=2)
    monkeypatch.setattr(migrate, "catalog_cursor", database.cursor)
    migrate.main()
    assert database.done == 1 and waits == [5, 5]


def test_the_doctor_refuses_the_same() -> None:
    assert migrate.OLDEST == POSTGRES_REFUSED
