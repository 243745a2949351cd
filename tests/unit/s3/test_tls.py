"""S3Client over TLS: the CA that the settings name is trusted, and no other certificate ever is."""

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr

from dataops.config import Settings
from dataops.errors import UserError
from dataops.platform import ca
from dataops.s3 import S3Client

EMPTY = b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><KeyCount>0</KeyCount></ListBucketResult>'


class EmptyStore(BaseHTTPRequestHandler):
    """Answers every listing with an empty one, and stays silent about it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(EMPTY)))
        self.send_header("Last-Modified", "Tue, 01 Jan 2013 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(EMPTY)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A store whose certificate was signed by a private CA, that of `own-ca.crt`."""
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    certificate, key = ca.new_ca()
    (tmp_path / "own-ca.crt").write_text(certificate)
    (tmp_path / "other-ca.crt").write_text(ca.new_ca()[0])
    (tmp_path / "server.pem").write_text("".join(ca.new_server(certificate, key, ["127.0.0.1"])))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyStore) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        yield Settings.model_construct(
            s3_endpoint_url=f"https://127.0.0.1:{server.server_port}",
            s3_access_key_id=SecretStr("testing"),
            s3_secret_access_key=SecretStr("testing"),
        )
        server.shutdown()


def test_the_ca_that_is_named_is_trusted(store: Settings, tmp_path: Path) -> None:
    s3 = S3Client(store.model_copy(update={"dataops_ca_bundle": tmp_path / "own-ca.crt"}))
    s3.check_connectivity()
    assert s3.read_bytes("bronze/x") == EMPTY


@pytest.mark.parametrize("bundle", [None, "other-ca.crt"])
def test_a_certificate_of_anybody_else_is_refused(store: Settings, tmp_path: Path, bundle: str | None) -> None:
    trusted = store.model_copy(update={"dataops_ca_bundle": bundle and tmp_path / bundle})
    with pytest.raises(UserError, match="shows a certificate that is not trusted"):
        S3Client(trusted).check_connectivity()
    with pytest.raises(UserError, match="shows a certificate that is not trusted"):
        S3Client(trusted).read_bytes("bronze/x")
