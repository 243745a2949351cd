"""What S3Client says when the store, its certificate, the keys or a path are wrong."""

from pathlib import Path

import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client
from tests.unit.tls import Certificates, http_server, make_certificates

KEYS = {"S3_ACCESS_KEY_ID": "someone", "S3_SECRET_ACCESS_KEY": "canary"}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", "*")


def client(monkeypatch: pytest.MonkeyPatch, url: str, ca: Path | None = None) -> S3Client:
    monkeypatch.setenv("S3_ENDPOINT_URL", url)
    if ca:
        monkeypatch.setenv("DATAOPS_CA_BUNDLE", str(ca))
    return S3Client()


def said(s3: S3Client) -> str:
    """The sentence of the check."""
    with pytest.raises(UserError) as error:
        s3.check_connectivity()
    assert "\n" not in str(error.value) and "canary" not in str(error.value)
    return str(error.value)


def error_of(code: str) -> str:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>"


def test_the_ca_that_signed_is_trusted_and_another_is_named(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = "<ListBucketResult><Name>data-lake</Name></ListBucketResult>"
    with http_server(listing, certificates.context()) as port:
        url = f"https://127.0.0.1:{port}"
        client(monkeypatch, url, certificates.authority).check_connectivity()
        words = said(client(monkeypatch, url, certificates.other))
        assert words.startswith(f"S3 at {url} shows a certificate that is not trusted (")
        assert words.endswith(f"with the CA that signed it (it is {certificates.other})")
        named = said(client(monkeypatch, f"https://localhost:{port}", certificates.authority))
        assert "shows a certificate that is not trusted" in named and "localhost" in named


@pytest.mark.parametrize(
    "content", [b"", b"only words", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_bundle_without_a_certificate_is_named(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    bundle = certificates.file("broken.pem", content)
    words = said(client(monkeypatch, "https://127.0.0.1:9", bundle))
    assert words == f"DATAOPS_CA_BUNDLE names {bundle}, which holds no readable certificate; name a file in PEM"


def test_http_where_https_is_meant_and_the_other_way_round(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_server("") as port:
        words = said(client(monkeypatch, f"https://127.0.0.1:{port}", certificates.authority))
        assert words == f"S3 at https://127.0.0.1:{port} speaks no TLS; write http:// in S3_ENDPOINT_URL"
    with http_server("", certificates.context()) as port:
        assert said(client(monkeypatch, f"http://127.0.0.1:{port}")).endswith("https or http, and the network")


def test_a_name_that_does_not_resolve_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    words = said(client(monkeypatch, "https://s3.nowhere.invalid:9000"))
    assert words.startswith("S3 at https://s3.nowhere.invalid:9000 cannot be reached (Failed to resolve 's3.nowhere")
    assert words.endswith("check S3_ENDPOINT_URL, https or http, and the network")


@pytest.mark.parametrize("url", ["https://127.0.0.1:99999", "https://127.0.0.1:port", "https://", "s3.example:9000"])
def test_an_address_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(UserError, match="^S3_ENDPOINT_URL is wrong: .*; correct it in the environment"):
        client(monkeypatch, url)


def test_an_address_that_boto_does_not_take_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    words = said(client(monkeypatch, "https://s3_a.example:9000"))
    assert words.startswith("S3_ENDPOINT_URL is wrong: ") and words.endswith("; correct it in the environment")


def test_what_is_no_s3_store_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server("<html>log in here</html>") as port:
        words = said(client(monkeypatch, f"http://127.0.0.1:{port}"))
        assert words == f"what answers at http://127.0.0.1:{port} is no S3 store; correct S3_ENDPOINT_URL"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("InvalidAccessKeyId", "does not know the access key; correct S3_ACCESS_KEY_ID in the Secret s3-<account>"),
        ("SignatureDoesNotMatch", "refuses the signature; correct S3_SECRET_ACCESS_KEY, or AWS_S3_SIGNATURE_VERSION"),
        ("AccessDenied", "this account may not do that with s3a://data-lake/"),
        ("NoSuchBucket", "bucket data-lake does not exist at http://127.0.0.1:"),
        ("AuthorizationHeaderMalformed", "expects another region than us-east-1; correct S3_REGION"),
        ("Strange", "refused s3a://data-lake/: Strange no"),
    ],
)
def test_what_the_store_refuses_is_told_with_the_fix(monkeypatch: pytest.MonkeyPatch, code: str, sentence: str) -> None:
    with http_server(error_of(code), status=403) as port:
        assert sentence in said(client(monkeypatch, f"http://127.0.0.1:{port}"))


def test_a_wrong_key_or_a_missing_bucket_is_no_missing_object(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not s3.exists("bronze/none")
    with pytest.raises(UserError, match="bucket nowhere does not exist at .*; create it, or correct S3_BUCKET or the"):
        s3.exists("s3a://nowhere/none")
    with http_server(error_of("InvalidAccessKeyId"), status=403) as port:
        with pytest.raises(UserError, match="does not know the access key"):
            client(monkeypatch, f"http://127.0.0.1:{port}").exists("bronze/none")


@pytest.mark.parametrize("path", ["", "s3a://data-lake", "s3a://data-lake/", "s3a://No Bucket/x"])
def test_a_path_that_names_no_object_is_refused(s3: S3Client, path: str) -> None:
    with pytest.raises(UserError, match=f"^'{path}' is no path of an object; write <folder>/<name>"):
        s3.read_bytes(path)
