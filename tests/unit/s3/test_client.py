"""S3Client against a store on loopback: what it reads and writes, and what it says when it cannot."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client, S3Object, paths


def test_bytes_round_trip_by_both_forms_of_a_path(s3: S3Client) -> None:
    s3.write_bytes("bronze/x", b"hello")
    assert s3.read_bytes("s3a://data-lake/bronze/x") == b"hello"
    assert s3.exists("s3://data-lake/bronze/x") and not s3.exists("bronze/y")
    assert s3.exists("bronze/") and not s3.exists("bronze/x/")
    assert s3.list_objects("bronze/") == [S3Object("bronze/x", 5)]
    s3.delete("bronze/x")
    s3.delete("bronze/x")
    assert s3.list_objects() == []


def test_a_listing_is_whole(s3: S3Client) -> None:
    for number in range(1003):
        s3.write_bytes(f"many/{number:04}", b"")
    assert len(s3.list_objects("many/")) == 1003


def test_parquet_round_trip(s3: S3Client) -> None:
    frame = pd.DataFrame({"id": [1, 2], "name": ["a", None]})
    s3.write_parquet(frame, "sandbox/x.parquet")
    pd.testing.assert_frame_equal(s3.read_parquet("sandbox/x.parquet"), frame)
    assert list(s3.read_parquet("sandbox/x.parquet", columns=["name"])) == ["name"]
    with pytest.raises(UserError, match="no such column.*it has id, name"):
        s3.read_parquet("sandbox/x.parquet", columns=["nothing"])


def test_a_folder_reads_as_one_frame_with_its_partitions(s3: S3Client) -> None:
    for month in (1, 2):
        s3.write_parquet(pd.DataFrame({"x": [month * 10]}), f"silver/t/month={month}/part-0.parquet")
    s3.write_bytes("silver/t/_SUCCESS", b"")
    s3.write_bytes("silver/t/_temporary/part-9.parquet", b"unfinished")
    frame = s3.read_parquet("silver/t")
    assert frame.sort_values("x").to_dict("list") == {"x": [10, 20], "month": [1, 2]}


def test_the_path_of_a_table_is_refused(s3: S3Client) -> None:
    s3.write_bytes("silver/t/metadata/1.metadata.json", b"{}")
    with pytest.raises(UserError, match="is a table"):
        s3.read_parquet("silver/t/")


def test_what_is_missing_or_broken_is_named(s3: S3Client) -> None:
    with pytest.raises(UserError, match="bronze/none does not exist"):
        s3.read_bytes("bronze/none")
    with pytest.raises(UserError, match="bronze/none holds no Parquet file"):
        s3.read_parquet("bronze/none")
    s3.write_bytes("bronze/cut.parquet", b"PAR1 and no more")
    with pytest.raises(UserError, match="bronze/cut.parquet is not a whole Parquet file"):
        s3.read_parquet("bronze/cut.parquet")
    with pytest.raises(UserError, match="does not end in .parquet"):
        s3.write_parquet(pd.DataFrame(), "sandbox/x")


def test_connectivity_names_the_missing_bucket(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.check_connectivity()
    monkeypatch.setenv("S3_BUCKET", "nowhere")
    with pytest.raises(UserError, match="bucket nowhere does not exist at .*; create it, or correct S3_BUCKET"):
        S3Client().check_connectivity()


def test_an_unreachable_store_is_named(s3_settings: Settings) -> None:
    gone = s3_settings.model_copy(update={"s3_endpoint_url": "http://127.0.0.1:9"})
    with pytest.raises(UserError, match="S3 at http://127.0.0.1:9 cannot be reached"):
        S3Client(gone).check_connectivity()


def test_settings_that_are_missing_are_named(s3_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="S3_ENDPOINT_URL is not set"):
        S3Client(s3_settings.model_copy(update={"s3_endpoint_url": None})).check_connectivity()
    with pytest.raises(UserError, match="S3_SECRET_ACCESS_KEY is not set"):
        S3Client(s3_settings.model_copy(update={"s3_secret_access_key": None})).check_connectivity()
    with pytest.raises(UserError, match="DATAOPS_CA_BUNDLE names .* which does not exist"):
        S3Client(s3_settings.model_copy(update={"dataops_ca_bundle": tmp_path / "none"})).check_connectivity()


def test_the_client_follows_the_settings(s3_settings: Settings) -> None:
    told = {"s3_addressing_style": "virtual", "aws_s3_signature_version": "s3", "s3_region": "eu-home-1"}
    config: Any = S3Client(s3_settings.model_copy(update=told)).boto.meta.config
    assert config.s3["addressing_style"] == "virtual" and config.signature_version == "s3"
    assert config.region_name == "eu-home-1" and config.request_checksum_calculation == "when_required"


@pytest.mark.parametrize("path", ["https://data-lake/x", "file:///etc/passwd", "s3a:///x"])
def test_a_path_of_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(UserError):
        paths.split(path, "data-lake")
