"""What is said when the catalog's database cannot be trusted or reached, by the library's two ways to it."""

from pathlib import Path
from unittest.mock import MagicMock

import psycopg2
import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables import load_table, table_at
from dataops.tables.database import catalog_cursor
from tests.unit.tls import Certificates, make_certificates, postgres_server


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


def both(monkeypatch: pytest.MonkeyPatch, address: str, ca: Path) -> list[str]:
    """What psycopg2 and pyiceberg lead to."""
    told = {
        "LAKE_CATALOG_URI": f"postgresql://{address}/lake",
        "LAKE_CATALOG_USER": "lake_job",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(ca),
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    said = []
    for ask in (lambda: table_at("silver/x", Settings.load()), lambda: load_table("silver.x")):
        with pytest.raises(UserError) as error:
            ask()
        said.append(str(error.value))
    assert all(f"the catalog at postgresql://{address}/lake refuses user lake_job (" in words for words in said)
    assert all(words.endswith(f"PGSSLROOTCERT (it is {ca})") and "\n" not in words for words in said)
    return said


def test_another_ca_is_named(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres_server(certificates.context()) as port:
        for words in both(monkeypatch, f"127.0.0.1:{port}", certificates.other):
            assert "certificate verify failed" in words


def test_a_ca_file_that_is_missing_or_no_certificate_is_named(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres_server(certificates.context()) as port:
        for words in both(monkeypatch, f"127.0.0.1:{port}", certificates.folder / "none.pem"):
            assert 'none.pem" does not exist' in words
        for words in both(monkeypatch, f"127.0.0.1:{port}", certificates.file("words.pem", b"words")):
            assert "could not read root certificate file" in words


class Lost(MagicMock):
    """A connection that the server closes in the middle of a statement, as psycopg2 shows it."""

    def __enter__(self) -> "Lost":
        return self

    def __exit__(self, *error: object) -> None:
        raise psycopg2.InterfaceError("connection already closed")  # by the rollback


def test_a_connection_that_breaks_off_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE_CATALOG_URI", "postgresql://db:1/lake")
    monkeypatch.setenv("LAKE_CATALOG_USER", "lake_job")
    monkeypatch.setattr(psycopg2, "connect", lambda _: Lost())
    with pytest.raises(UserError, match=r"^the catalog at postgresql://db:1/lake broke off \(server closed\), so"):
        with catalog_cursor(Settings.load()):
            raise psycopg2.OperationalError("server closed\n\tThis probably means")


def test_a_name_that_does_not_resolve_is_named(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in both(monkeypatch, "db.nowhere.invalid:5432", certificates.authority):
        assert 'could not translate host name "db.nowhere.invalid"' in words
