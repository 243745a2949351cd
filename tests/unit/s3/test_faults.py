"""A store or a network that fails: what was asked for is right in the end, or one sentence says what is wrong."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client, _parquet, clients
from tests.faulty_proxy import Rule, cut, cut_after, delay, every, faulty_proxy, nth, share, slow, status, truncate
from tests.unit.tls import http_server, make_certificates

SIGNATURES = pytest.mark.parametrize("signature", ["s3v4", "s3"], ids=["object_store", "boto3"])
DATA = bytes(range(256)) * 800
FAULTS = {
    "503 for one in ten": lambda: [Rule(status(503), when=share(0.1))],
    "500 for one in twenty": lambda: [Rule(status(500, "InternalError"), when=share(0.05))],
    "each third connection reset": lambda: [Rule(cut, when=every(3))],
    "each fourth answer lost": lambda: [Rule(cut_after, when=every(4))],
    "each third body truncated": lambda: [Rule(truncate(20_000), method="GET", path="/bronze/", when=every(3))],
    "one answer after 2 seconds": lambda: [Rule(delay(2), when=nth(3))],
    "a slow line": lambda: [Rule(slow(1_000_000), method="GET", when=nth(1))],
}


@contextmanager
def behind(settings: Settings, rules: list[Rule], signature: str) -> Iterator[S3Client]:
    """A client that reaches its store through these faults."""
    with faulty_proxy(str(settings.s3_endpoint_url), rules) as proxy:
        told = {"s3_endpoint_url": proxy.url, "aws_s3_signature_version": signature}
        yield S3Client(settings.model_copy(update=told))


@SIGNATURES
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_written_and_read_is_right_in_the_end(s3_settings: Settings, fault: str, signature: str) -> None:
    frame = pd.DataFrame({"a": range(1000)})
    rules = FAULTS[fault]()
    with behind(s3_settings, rules, signature) as s3:
        for number in range(6):
            s3.write_bytes(f"bronze/{number}", DATA + bytes([number]))
        s3.write_parquet(frame, "bronze/table/x.parquet")
        assert all(s3.read_bytes(f"bronze/{number}") == DATA + bytes([number]) for number in range(6))
        pd.testing.assert_frame_equal(s3.read_parquet("bronze/table"), frame)
        s3.delete(*(f"bronze/{number}" for number in range(6)))
        assert [each.key for each in s3.list_objects()] == ["bronze/table/x.parquet"]
    assert sum(rule.happened for rule in rules)


@SIGNATURES
@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            Rule(status(503)),
            r"^S3 at http://127.0.0.1:\d+ stayed overloaded or ill through 2 attempts \(.*\); try again",
        ),
        (Rule(cut), r"^S3 at http://127.0.0.1:\d+ cannot be reached \(.*\); check S3_ENDPOINT_URL"),
        (
            Rule(truncate(100), method="GET", path="/bronze/"),
            r"^S3 at http://127.0.0.1:\d+ (broke off|cannot be reached)",
        ),
        (Rule(status(404, "NoSuchUpload")), "lost an upload to bronze/x or the answer to its end; write it once more$"),
        (Rule(status(403, "ExpiredToken")), "says that the access key has expired; put a new one into the Secret"),
        (Rule(status(403, "RequestTimeTooSkewed")), "differ too much; set this machine's clock by NTP$"),
        (Rule(status(403, "AccessDenied")), "this account may not do that with bronze/x"),
    ],
)
def test_what_stays_wrong_is_one_sentence(
    s3: S3Client, s3_settings: Settings, monkeypatch: pytest.MonkeyPatch, rule: Rule, sentence: str, signature: str
) -> None:
    monkeypatch.setattr(clients, "ATTEMPTS", 2)
    s3.write_bytes("bronze/x", DATA)
    with behind(s3_settings, [rule], signature) as faulty:
        with pytest.raises(UserError, match=sentence) as told:
            faulty.read_bytes("bronze/x")
    assert "\n" not in str(told.value)


@SIGNATURES
def test_an_account_that_may_not_list_reads_what_it_knows(s3: S3Client, s3_settings: Settings, signature: str) -> None:
    s3.write_parquet(pd.DataFrame({"a": [1]}), "bronze/x.parquet")
    with behind(s3_settings, [Rule(status(403, "AccessDenied"), path=r"list-type=2")], signature) as blind:
        assert blind.read_parquet("bronze/x.parquet")["a"].tolist() == [1] and blind.exists("bronze/x.parquet")
        for ask in (blind.list_objects, blind.read_parquet):
            with pytest.raises(UserError, match="this account may not do that with .*bronze/"):
                ask("bronze/")


def test_a_store_that_breaks_off_is_not_asked_in_another_way(
    s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "ATTEMPTS", 2)
    with faulty_proxy(str(s3_settings.s3_endpoint_url), [Rule(cut)]) as proxy:
        with pytest.raises(UserError, match="cannot be reached"):
            S3Client(s3_settings.model_copy(update={"s3_endpoint_url": proxy.url})).read_parquet("bronze/x.parquet")
        assert {each.headers["Range"] for each in proxy.seen if "x.parquet" in each.path} == {"bytes=-65536"}


def test_a_file_that_shrinks_while_it_is_read_is_named(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_parquet, "_WHOLE", 0)
    monkeypatch.setattr(_parquet, "_FOOTER", 8)
    small, large = (_parquet.write(pa.table({"a": range(size)})) for size in (1, 10_000))
    s3.write_bytes("bronze/x.parquet", small)
    monkeypatch.setattr(type(s3._objects), "end", lambda self, path, length: (len(large), large[-length:]))
    with pytest.raises(UserError, match="bronze/x.parquet"):
        s3.read_parquet("bronze/x.parquet")


def test_names_certificates_and_networks_are_told_as_by_the_check(
    s3_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(clients, "ATTEMPTS", 2)
    monkeypatch.setenv("NO_PROXY", "*")
    certificates = make_certificates(tmp_path)

    def same(url: str, ca: Path | None = None) -> str:
        s3 = S3Client(s3_settings.model_copy(update={"s3_endpoint_url": url, "dataops_ca_bundle": ca}))
        with pytest.raises(UserError) as checked:
            s3.check_connectivity()
        with pytest.raises(UserError) as read:
            s3.read_bytes("bronze/x")
        assert str(read.value) == str(checked.value)
        return str(read.value)

    with http_server("", certificates.context()) as port:
        assert "shows a certificate that is not trusted" in same(f"https://127.0.0.1:{port}", certificates.other)
    with http_server("") as port:
        assert "speaks no TLS" in same(f"https://127.0.0.1:{port}", certificates.authority)
    assert "cannot be reached" in same("http://127.0.0.1:9")


def test_the_bucket_that_is_missing_is_named_by_every_call(s3_settings: Settings) -> None:
    s3 = S3Client(s3_settings.model_copy(update={"s3_bucket": "nowhere"}))
    frame = pd.DataFrame({"a": [1]})
    for ask in (
        lambda: s3.exists("x"),
        lambda: s3.read_bytes("x"),
        lambda: s3.write_bytes("x", b""),
        lambda: s3.delete("x"),
        lambda: s3.list_objects("x"),
        lambda: s3.read_parquet("x"),
        lambda: s3.read_parquet("x.parquet"),
        lambda: s3.write_parquet(frame, "x.parquet"),
        lambda: s3.sync_down("x", "."),
    ):
        with pytest.raises(UserError, match="^bucket nowhere does not exist at http://.*; create it, or correct"):
            ask()


def test_zero_bytes_are_an_object_and_no_parquet(s3: S3Client) -> None:
    s3.write_bytes("bronze/empty.parquet", b"")
    assert s3.read_bytes("bronze/empty.parquet") == b"" and s3.exists("bronze/empty.parquet")
    with pytest.raises(UserError, match="^bronze/empty.parquet is not a whole Parquet file"):
        s3.read_parquet("bronze/empty.parquet")
    with pytest.raises(Exception, match="size is 0"):  # what anybody else would be told
        pd.read_parquet(io.BytesIO(b""))
