"""What keeps pods from S3 and PostgreSQL is told apart: way, certificate, clock, version and rights."""

import email.utils
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.platform import ca
from dataops.platform.doctor import probe
from dataops.s3 import S3Client
from dataops.tables import access, database
from tests.unit.tls import Certificates, http_server, make_certificates, postgres_server


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


def trusting(path: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=path)


def told(host: str, port: int, authority: Path, postgres: bool = False) -> tuple[str, str]:
    severity, what, fix, name = probe.certificate("s3", host, port, trusting(authority), postgres)
    assert name == "s3" and bool(fix) == (severity != "ok")
    return severity, what


@pytest.mark.parametrize("postgres", [False, True])
def test_a_good_certificate_and_a_foreign_one_are_told_apart(certificates: Certificates, postgres: bool) -> None:
    tls = certificates.context()
    with postgres_server(tls) if postgres else http_server("", tls) as port:
        assert told("127.0.0.1", port, certificates.authority, postgres)[0] == "ok"
        severity, what = told("127.0.0.1", port, certificates.other, postgres)
        assert severity == "error" and "signed by a CA that is not trusted here" in what


def test_another_name_is_told(certificates: Certificates) -> None:
    with http_server("", certificates.context()) as port:
        severity, what = told("localhost", port, certificates.authority)
    assert severity == "error" and f"the certificate of localhost:{port} is for other names" in what


@pytest.mark.parametrize(
    ("days", "severity", "said"),
    [(-0.02, "error", "has expired"), (29, "warning", "ends on"), (31, "ok", "its certificate is good")],
)
def test_a_certificate_that_has_ended_or_soon_will_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: float, severity: str, said: str
) -> None:
    monkeypatch.setattr(ca, "SERVER_DAYS", days)
    made = make_certificates(tmp_path)
    with http_server("", made.context()) as port:
        found = told("127.0.0.1", port, made.authority)
    assert found[0] == severity and said in found[1]


def test_a_name_without_address_and_a_closed_port_are_told(certificates: Certificates) -> None:
    assert "the name no.host.invalid does not resolve" in told("no.host.invalid", 443, certificates.authority)[1]
    with http_server("", certificates.context()) as port:
        pass
    assert f"127.0.0.1:{port} cannot be reached" in told("127.0.0.1", port, certificates.authority)[1]


def test_a_server_without_tls_is_told(certificates: Certificates) -> None:
    with http_server("plain") as port:
        assert "speaks no TLS" in told("127.0.0.1", port, certificates.authority)[1]
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as asked:
                asked.recv(8)
                asked.sendall(b"N")

        threading.Thread(target=answer, daemon=True).start()
        port = server.getsockname()[1]
        assert "PostgreSQL at 127.0.0.1" in told("127.0.0.1", port, certificates.authority, postgres=True)[1]


@contextmanager
def store_at(certificates: Certificates, seconds: float) -> Iterator[str]:
    """A store whose clock is off."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:  # noqa: N802 - the name http.server looks for
            self.send_response_only(403)
            self.send_header("Date", email.utils.formatdate(time.time() + seconds, usegmt=True))
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = certificates.context().wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    ("seconds", "severity"), [(0, "ok"), (-30, "ok"), (90, "warning"), (-90, "warning"), (1000, "error")]
)
def test_a_clock_that_is_off_is_told(certificates: Certificates, seconds: float, severity: str) -> None:
    with store_at(certificates, seconds) as endpoint:
        found = probe.clock(endpoint, trusting(certificates.authority))
        assert found[0] == severity and found[3] == "clock"
        names = [
            one[3] for one in probe.outside(endpoint, ("x.invalid", 1), "require", trusting(certificates.authority))
        ]
    assert names == ["s3", "clock"]


def test_the_database_is_only_looked_at_where_certificates_are_checked(certificates: Certificates) -> None:
    with postgres_server(certificates.context()) as port:

        def severities(sslmode: str) -> list[str]:
            where, trusted = ("localhost", port), trusting(certificates.authority)
            return [one[0] for one in probe.outside("http://s3.invalid", where, sslmode, trusted)]

        assert severities("verify-full") == ["error"]  # the name is another
        assert severities("verify-ca") == ["ok"]
        assert severities("require") == []


@pytest.mark.parametrize(
    ("version", "severity"), [(130014, "error"), (140011, "warning"), (150004, "ok"), (170000, "ok")]
)
def test_an_old_postgresql_is_refused(version: int, severity: str) -> None:
    found = probe.attempt("database", "fine", lambda: probe.old_enough(version, "db"), lambda: "never")
    assert found[0] == severity and "never" not in found
    assert severity != "error" or found[1] == "db is PostgreSQL 13, the platform needs 14 or later"


@pytest.fixture
def catalog(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A catalog that lets a job in."""
    connection = SimpleNamespace(server_version=150004)

    @contextmanager
    def cursor(settings: Settings) -> Iterator[Any]:
        yield SimpleNamespace(connection=connection)

    monkeypatch.setattr(database, "catalog_cursor", cursor)
    monkeypatch.setattr(access, "check_may_write", lambda table, settings: None)
    return connection


@pytest.mark.usefixtures("catalog")
def test_a_job_that_may_do_all_it_must_leaves_nothing_behind(s3: S3Client, s3_settings: Settings) -> None:
    found = list(probe.jobs(s3_settings, set()))
    assert [one[0] for one in found] == ["ok", "ok", "ok"] and [one[3] for one in found] == [
        "s3",
        "database",
        "database",
    ]
    assert s3.list_objects("") == []
    assert list(probe.jobs(s3_settings, {"s3", "database"})) == []


@pytest.mark.usefixtures("catalog")
def test_a_bucket_that_is_missing_is_told_with_the_database_after_it(s3_settings: Settings) -> None:
    found = list(probe.jobs(s3_settings.model_copy(update={"s3_bucket": "nobodys"}), set()))
    assert found[0][0] == "error" and "bucket nobodys does not exist" in found[0][1] and found[1][0] == "ok"


def test_an_old_catalog_and_one_that_is_not_migrated_are_told(
    catalog: SimpleNamespace, s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(table: str, settings: Settings) -> None:
        raise UserError("the catalog has no tables yet")

    monkeypatch.setattr(access, "check_may_write", refuse)
    found = list(probe.jobs(s3_settings, {"s3"}))
    assert [one[0] for one in found] == ["ok", "error"] and "no tables yet" in found[1][1]
    catalog.server_version = 130001
    ((severity, what, _, _),) = probe.jobs(s3_settings, {"s3"})
    assert severity == "error" and "is PostgreSQL 13" in what


def test_a_store_that_wants_another_profile_is_told_which(
    s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_path(self: S3Client) -> None:
        if self._settings.s3_addressing_style != "path" or self._settings.aws_s3_signature_version != "s3":
            raise UserError("refused")

    monkeypatch.setattr(S3Client, "check_connectivity", only_path)
    virtual = s3_settings.model_copy(update={"s3_addressing_style": "virtual"})
    assert probe.profile(virtual) == "write addressingStyle: path and signatureVersion: s3 under global.s3, they work"
    monkeypatch.setattr(S3Client, "check_connectivity", refuse_all)
    assert "correct the Secret of the account" in probe.profile(virtual)


def refuse_all(client: S3Client) -> None:
    raise UserError("refused")


@pytest.mark.parametrize("broken", [b"other", b""])
def test_a_store_that_gives_back_something_else_is_told(s3: S3Client, broken: bytes) -> None:
    class Odd(S3Client):
        def read_bytes(self, path: str) -> bytes:
            return broken

    def use() -> None:
        probe.round_trip(Odd(s3._settings), "data-lake", "sandbox/x")

    found = probe.attempt("s3", "fine", use, lambda: "")
    assert found[0] == "error" and "does not give back" in found[1]
    assert s3.list_objects("") == []


def test_it_runs_as_text_with_the_librarys_packages_alone(s3_settings: Settings, certificates: Certificates) -> None:
    words = [sys.executable, "-c", Path(probe.__file__).read_text(encoding="utf-8"), "jobs"]
    with postgres_server(certificates.context()) as port:
        known = {
            "S3_ENDPOINT_URL": str(s3_settings.s3_endpoint_url),
            "S3_ACCESS_KEY_ID": "testing",
            "S3_SECRET_ACCESS_KEY": "testing",
            "LAKE_CATALOG_URI": f"postgresql://127.0.0.1:{port}/lake",
            "LAKE_CATALOG_USER": "lake_job",
            "PGSSLMODE": "verify-full",
            "DATAOPS_CA_BUNDLE": str(certificates.other),
        }
        done = subprocess.run(words, env=known, capture_output=True, text=True, check=True)
    findings = json.loads(done.stdout.removeprefix("RESULT "))["findings"]
    assert [(one[0], one[3]) for one in findings] == [("error", "database"), ("ok", "s3")]
    assert "dataops.platform" not in words[2]
