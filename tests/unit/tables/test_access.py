"""check_may_write: what the database refuses becomes one sentence, and what it allows leaves no trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import MagicMock

import pytest
from psycopg2.errors import InsufficientPrivilege

from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables import access, check_may_write

SETTINGS = Settings.model_construct(lake_catalog_uri="postgresql://db:5432/lake", lake_catalog_user="lake_notebook")


@pytest.fixture
def cursor(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The catalog's cursor, of a database that allows everything."""
    cursor = MagicMock()

    @contextmanager
    def connected(settings: Settings) -> Iterator[Any]:
        yield cursor

    monkeypatch.setattr(access, "catalog_cursor", connected)
    return cursor


def test_a_refusal_of_the_database_says_where_one_may_write(cursor: Any) -> None:
    cursor.execute.side_effect = InsufficientPrivilege("new row violates row-level security policy")
    with pytest.raises(UserError, match="lake_notebook may not write tables of silver; write to sandbox.<table>"):
        check_may_write("silver.flights", SETTINGS)


def test_asking_for_a_table_asks_for_its_namespace_and_takes_it_back(cursor: Any) -> None:
    check_may_write("sandbox.mine", SETTINGS)
    (_, row), _ = cursor.execute.call_args
    assert row[:2] == ("lake", "sandbox") and row[2] != "mine"
    cursor.connection.rollback.assert_called_once_with()
