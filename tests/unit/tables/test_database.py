"""What is said when the catalog's database cannot be trusted or reached, by the library's two ways to it."""

from pathlib import Path

import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables import load_table, table_at
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


def test_a_name_that_does_not_resolve_is_named(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in both(monkeypatch, "db.nowhere.invalid:5432", certificates.authority):
        assert 'could not translate host name "db.nowhere.invalid"' in words
