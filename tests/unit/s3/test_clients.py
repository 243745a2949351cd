"""Every client of the store follows the same settings, and `dataops.s3` imports none before it is needed."""

import logging
import subprocess
import sys
import urllib.request
from typing import Any

import polars as pl
import pytest
from pydantic import SecretStr

from dataops.config import Settings, variables
from dataops.errors import UserError
from dataops.s3 import S3Client, clients
from tests.faulty_proxy import faulty_proxy

LIGHT = """
import sys
from dataops.s3 import S3Client
heavy = ("boto3", "botocore", "obstore", "pyarrow", "pandas", "polars")
assert not (found := [name for name in heavy if name in sys.modules]), found
s3 = S3Client()
s3.write_bytes("bronze/x", b"one")
assert s3.exists("bronze/x") and s3.read_bytes("bronze/x") == b"one" and not s3.exists("bronze/y")
s3.delete("bronze/x")
import pandas
s3.write_parquet(pandas.DataFrame({"a": [1]}), "bronze/t/day=1/x.parquet")
assert len(s3.read_parquet("bronze/t")) == 1
assert not (found := [name for name in ("boto3", "botocore") if name in sys.modules]), found
"""


def test_nothing_heavy_is_imported_and_boto3_only_where_it_is_needed(s3: S3Client) -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], env=variables(""), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_all_clients_read_what_one_has_written(s3: S3Client, s3_settings: Settings) -> None:
    s3.write_parquet(pl.DataFrame({"a": [1, 2]}), "bronze/x.parquet")
    options = clients.polars_options(s3_settings, "data-lake")
    assert pl.scan_parquet("s3://data-lake/bronze/x.parquet", storage_options=options).collect().height == 2
    with clients.arrow(s3_settings).open_input_file("data-lake/bronze/x.parquet") as file:
        assert file.read() == s3.read_bytes("bronze/x.parquet")


def test_stray_variables_of_other_programs_change_nothing(
    s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = {
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "another",
        "AWS_SESSION_TOKEN": "stale",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_REGION": "elsewhere",
    }
    for name, value in stray.items():
        monkeypatch.setenv(name, value)
    with faulty_proxy(str(s3_settings.s3_endpoint_url)) as proxy:
        other = S3Client(s3_settings.model_copy(update={"s3_endpoint_url": proxy.url}))
        other.write_bytes("bronze/x", b"one")
        assert other.list_objects()[0].key == "bronze/x"
    for seen in proxy.seen:
        assert "Credential=testing/" in seen.headers["Authorization"] and "/us-east-1/" in seen.headers["Authorization"]
        assert "X-Amz-Security-Token" not in seen.headers


def test_no_client_sends_what_other_stores_refuse(s3_settings: Settings) -> None:
    for signature in ("s3v4", "s3"):
        with faulty_proxy(str(s3_settings.s3_endpoint_url)) as proxy:
            told = {"s3_endpoint_url": proxy.url, "aws_s3_signature_version": signature}
            s3 = S3Client(s3_settings.model_copy(update=told))
            s3.write_bytes("bronze/x", b"one")
            s3.write_bytes("bronze/large", b"1" * 20_000_000)
            s3.copy("bronze/x", "bronze/y")
            s3.delete("bronze/x", "bronze/y", "bronze/large")
        for seen in proxy.seen:
            names = {name.lower() for name in seen.headers}
            assert not {
                name for name in names if name.startswith(("x-amz-checksum", "x-amz-trailer", "x-amz-sdk-check"))
            }
            assert "aws-chunked" not in str(seen.headers["Content-Encoding"]) and "?delete" not in seen.path


def test_v2_is_signed_by_boto3_which_the_log_says_once(s3_settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with faulty_proxy(str(s3_settings.s3_endpoint_url)) as proxy, caplog.at_level(logging.INFO, "dataops"):
        told = {"s3_endpoint_url": proxy.url, "aws_s3_signature_version": "s3"}
        s3 = S3Client(s3_settings.model_copy(update=told))
        s3.write_parquet(pl.DataFrame({"a": [1, 2]}), "bronze/x/x.parquet")
        assert len(s3.read_parquet("bronze/x", frame="polars")) == 2
    assert {seen.headers["Authorization"].partition(":")[0] for seen in proxy.seen} == {"AWS testing"}
    assert [line.message for line in caplog.records if line.name == "dataops"] == [
        "S3 is read and written by boto3, which is slower: the store wants V2 signatures"
    ]


def test_who_cannot_sign_v2_says_what_to_use_instead(s3_settings: Settings) -> None:
    old = s3_settings.model_copy(update={"aws_s3_signature_version": "s3"})
    with pytest.raises(UserError, match="^Polars cannot sign requests with V2.*read_parquet.*and tables with Spark or"):
        clients.polars_options(old, "data-lake")
    with pytest.raises(UserError, match="^pyarrow cannot sign requests with V2"):
        clients.arrow(old)


@pytest.mark.parametrize(
    ("style", "bucket", "address"),
    [
        ("path", "data-lake", "https://s3.example:9000"),
        ("virtual", "data-lake", "https://data-lake.s3.example:9000"),
        # no certificate fits it in front of the name: as boto3, by path
        ("virtual", "data.lake", "https://s3.example:9000"),
    ],
)
def test_addressing_is_the_same_for_all(style: str, bucket: str, address: str) -> None:
    settings = Settings.model_construct(
        s3_endpoint_url="https://s3.example:9000",
        s3_addressing_style=style,
        s3_access_key_id=SecretStr("testing"),
        s3_secret_access_key=SecretStr("canary"),
    )
    store: Any = clients.object_store(settings, bucket).config
    polars = clients.polars_options(settings, bucket)
    by_boto3 = clients.boto3(settings).generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "x"})
    assert store["endpoint_url_s3"] == polars["aws_endpoint_url_s3"] == address
    assert str(store["virtual_hosted_style_request"]) == polars["aws_virtual_hosted_style_request"]
    assert by_boto3.startswith(f"{address}/x?" if "data-lake." in address else f"{address}/{bucket}/x?")


def test_a_presigned_address_needs_no_key(s3: S3Client) -> None:
    s3.write_bytes("bronze/a b+ü", b"one")
    with urllib.request.urlopen(s3.presign("bronze/a b+ü", seconds=60)) as answer:
        assert answer.read() == b"one"
    put = urllib.request.Request(s3.presign("bronze/new", method="put"), data=b"two", method="PUT")
    put.add_header("Content-Type", "")
    with urllib.request.urlopen(put):
        assert s3.read_bytes("bronze/new") == b"two"
    with pytest.raises(UserError, match="cannot hold for 700000 seconds; choose 1 to 604800, a week"):
        s3.presign("bronze/x", seconds=700_000)
