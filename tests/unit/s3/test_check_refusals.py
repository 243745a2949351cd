"""Where there is no way into the store, one sentence says what is wrong and the fix, and nothing is left behind."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dataops.errors import UserError
from dataops.s3.check import check
from dataops.testing.faulty_s3 import Fault, FaultyS3
from tests.unit.s3.checked import few, settings_of
from tests.unit.tls import http_server, make_certificates

__all__ = ["few"]


def said(store: FaultyS3, **changed: Any) -> str:
    """The one sentence."""
    with pytest.raises(UserError) as error:
        check(settings_of(store, **changed), with_clients=False)
    words = str(error.value)
    assert "\n" not in words and store.secret_key not in words
    assert not store.memory.buckets["data-lake"]
    return words


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"s3_access_key_id": SecretStr("nobody")}, "does not know the access key; correct S3_ACCESS_KEY_ID"),
        ({"s3_secret_access_key": SecretStr("wrong")}, "refuses the signature; correct S3_SECRET_ACCESS_KEY"),
        ({"s3_secret_access_key": None}, "S3_SECRET_ACCESS_KEY is not set; give the pod the Secret s3-<account>"),
        ({"s3_bucket": "nowhere"}, "bucket nowhere does not exist at .*; create it, or correct S3_BUCKET"),
        ({"s3_endpoint_url": None}, "S3_ENDPOINT_URL is not set"),
        (
            {"s3_endpoint_url": "https://s3.nowhere.invalid"},
            "cannot be reached .*; check S3_ENDPOINT_URL, https or http",
        ),
    ],
    ids=["key", "secret", "no-secret", "bucket", "address", "name"],
)
def test_wrong_settings_are_named(changed: dict[str, Any], sentence: str) -> None:
    with FaultyS3() as store:
        words = said(store, **changed)
    assert re.search(sentence, words), words


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault.EXPIRED_KEY, "has expired; ask for a new one and put it into the Secret s3-<account>"),
        (Fault.NO_LISTING, "this key may not list bucket data-lake at "),
        (Fault.SKEWED_CLOCK, "is 20 minutes ahead of this one's, and signatures hold for 15; set the wrong one"),
    ],
)
def test_what_the_store_refuses_is_told_with_the_fix(fault: Fault, sentence: str) -> None:
    with FaultyS3([fault]) as store:
        assert sentence in said(store)


def test_a_bucket_with_a_dot_cannot_be_part_of_a_certificates_name(tmp_path: Path) -> None:
    with FaultyS3(buckets=("data-lake", "data.lake"), tls=make_certificates(tmp_path).context()) as store:
        words = said(store, s3_bucket="data.lake", s3_addressing_style="virtual")
        assert words.startswith("bucket data.lake has a dot in its name") and "S3_ADDRESSING_STYLE=path" in words


def test_http_where_https_is_meant_the_other_way_round_and_an_unknown_ca(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    with FaultyS3() as plain:
        words = said(plain, s3_endpoint_url=plain.url.replace("http", "https"))
        assert words.endswith("speaks no TLS; write http:// in S3_ENDPOINT_URL")
    with FaultyS3(tls=certificates.context()) as store:
        words = said(store, s3_endpoint_url=store.url.replace("https", "http"))
        assert words.endswith("check S3_ENDPOINT_URL, https or http, and the network")
        words = said(store, dataops_ca_bundle=certificates.other)
        assert "certificate that is not trusted" in words and words.endswith(f"(it is {certificates.other})")


def test_what_is_no_store_is_named() -> None:
    with http_server("<html>log in here</html>") as port, FaultyS3() as store:
        words = said(store, s3_endpoint_url=f"http://127.0.0.1:{port}")
        assert words.startswith(f"what answers at http://127.0.0.1:{port} is no S3 store")


def test_over_tls_the_certificate_is_looked_at(tmp_path: Path, few: None) -> None:
    certificates = make_certificates(tmp_path)
    with FaultyS3([Fault.REJECTS_CHECKSUMS], tls=certificates.context()) as store:
        report = check(settings_of(store, dataops_ca_bundle=certificates.authority), with_clients=False)
    found = {one.name: one for one in report.findings}
    assert "the certificate is trusted and holds for" in found["connection.tls"].seen
    # chunks that are signed one by one go over http only
    assert found["signing.v4-chunked"].status == "unsupported" and not report.failed


def test_whoever_stops_it_finds_nothing_left() -> None:
    def stop(title: str) -> None:
        if title == "checksums":
            raise KeyboardInterrupt

    with FaultyS3() as store:
        with pytest.raises(KeyboardInterrupt):
            check(settings_of(store), with_clients=False, progress=stop)
        assert store.requests > 1000 and not store.memory.buckets["data-lake"] and not store.memory.uploads
