"""Parquet by S3Client: only the columns asked for travel, for pandas and for Polars, and broken files are named."""

import io
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client, _parquet
from tests.faulty_proxy import faulty_proxy

ROWS = 200_000


def large(columns: int = 6) -> bytes:
    """A file of some megabytes, in several row groups; its values do not compress."""
    random = np.random.default_rng(7)
    buffer = io.BytesIO()
    table = pa.table({"id": range(ROWS), **{f"c{number}": random.random(ROWS) for number in range(columns)}})
    pq.write_table(table, buffer, row_group_size=ROWS // 4)
    return buffer.getvalue()


@pytest.mark.parametrize("signature", ["s3v4", "s3"])
def test_only_the_columns_asked_for_travel(s3_settings: Settings, signature: str) -> None:
    data = large()
    with faulty_proxy(str(s3_settings.s3_endpoint_url)) as proxy:
        told = {"s3_endpoint_url": proxy.url, "aws_s3_signature_version": signature}
        s3 = S3Client(s3_settings.model_copy(update=told))
        s3.write_bytes("bronze/large.parquet", data)
        proxy.seen.clear()
        frame = s3.read_parquet("bronze/large.parquet", ["c3", "id"])
        ranges = [re.fullmatch(r"bytes=(\d*)-(\d+)", str(each.headers["Range"])) for each in proxy.seen]
    assert list(frame) == ["c3", "id"] and frame["id"].tolist() == list(range(ROWS))
    pd.testing.assert_frame_equal(frame, pd.read_parquet(io.BytesIO(data))[["c3", "id"]])
    travelled = sum(int(each[2]) - int(each[1]) + 1 if each[1] else int(each[2]) for each in ranges if each)
    assert 0 < travelled < len(data) / 2


def test_a_small_file_is_one_request(s3_settings: Settings) -> None:
    with faulty_proxy(str(s3_settings.s3_endpoint_url)) as proxy:
        s3 = S3Client(s3_settings.model_copy(update={"s3_endpoint_url": proxy.url}))
        s3.write_parquet(pd.DataFrame({"a": [1, 2]}), "bronze/small.parquet")
        proxy.seen.clear()
        assert s3.read_parquet("bronze/small.parquet")["a"].tolist() == [1, 2]
        assert [each.method for each in proxy.seen] == ["GET"]


def test_all_columns_of_a_large_file_are_those_of_the_file(s3: S3Client) -> None:
    data = large()
    s3.write_bytes("bronze/large.parquet", data)
    pd.testing.assert_frame_equal(s3.read_parquet("bronze/large.parquet"), pd.read_parquet(io.BytesIO(data)))


def test_a_footer_of_any_length_is_read(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.write_bytes("bronze/large.parquet", large(columns=2))
    monkeypatch.setattr(_parquet, "_FOOTER", 8)  # shorter than any footer
    assert len(s3.read_parquet("bronze/large.parquet", ["c1"])) == ROWS


def test_columns_inside_columns_come_with_them(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_parquet, "_WHOLE", 0)
    rows = [{"inner": {"a": 1, "b": [1, 2]}, "inner_too": 3}, {"inner": {"a": 2, "b": []}, "inner_too": 4}]
    monkeypatch.setattr(_parquet, "_FOOTER", 8)
    s3.write_bytes("bronze/nested.parquet", _parquet.write(pa.Table.from_pylist(rows)))
    frame = s3.read_parquet("bronze/nested.parquet", ["inner"], frame="polars")
    assert frame.to_dicts() == [{"inner": row["inner"]} for row in rows]


def test_polars_writes_and_reads(s3: S3Client) -> None:
    frame = pl.DataFrame({"id": [1, 2], "name": ["a", None], "at": [pd.Timestamp("2013-01-01", tz="UTC")] * 2})
    s3.write_parquet(frame, "sandbox/month=1/x.parquet")
    back = s3.read_parquet("sandbox", frame="polars")
    assert isinstance(back, pl.DataFrame) and back.drop("month").equals(frame) and back["month"].to_list() == [1, 1]
    assert list(s3.read_parquet("sandbox", ["month", "id"])) == ["month", "id"]


def test_a_column_that_some_files_lack_is_null_there(s3: S3Client) -> None:
    s3.write_parquet(pd.DataFrame({"a": [1]}), "bronze/x/1.parquet")
    s3.write_parquet(pd.DataFrame({"a": [2], "b": ["late"]}), "bronze/x/2.parquet")
    assert s3.read_parquet("bronze/x", ["b"])["b"].tolist() == [None, "late"]
    with pytest.raises(UserError, match=r"^bronze/x/ has no such column \(c\); it has a, b$"):
        s3.read_parquet("bronze/x", ["a", "c"])


@pytest.mark.parametrize("left", [0, 100, -100])
def test_a_file_that_is_not_whole_is_named(s3: S3Client, left: int) -> None:
    for name, data in (("small", _parquet.write(pa.table({"a": [1, 2]}))), ("large", large(columns=2))):
        s3.write_bytes(f"bronze/{name}.parquet", data[:left])
        with pytest.raises(UserError, match=f"^bronze/{name}.parquet is not a whole Parquet file .*; write it again$"):
            s3.read_parquet(f"bronze/{name}.parquet")


def test_a_file_with_damage_inside_is_named(s3: S3Client) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": range(ROWS * 2)}), buffer, compression="zstd", use_dictionary=False)
    data = buffer.getvalue()
    s3.write_bytes("bronze/x.parquet", data[:1000] + bytes(100_000) + data[101_000:])
    with pytest.raises(UserError, match="^bronze/x.parquet is not a whole Parquet file"):
        s3.read_parquet("bronze/x.parquet")


def test_marks_of_folders_are_no_files(s3: S3Client) -> None:
    for mark in ("bronze/x/", "bronze/x/day.parquet/"):
        s3.write_bytes(mark, b"")
    s3.write_parquet(pd.DataFrame({"a": [1]}), "bronze/x/day.parquet/part-0.parquet")
    assert s3.read_parquet("bronze/x")["a"].tolist() == [1]
    s3.write_bytes("bronze/x/odd//name", b"")  # with it object_store shows nothing at all
    assert s3.read_parquet("bronze/x")["a"].tolist() == [1]


def test_a_column_of_the_file_is_not_doubled_by_its_folder(s3: S3Client) -> None:
    for day in (1, 2):
        s3.write_parquet(pd.DataFrame({"day": [day * 10]}), f"bronze/odd//x/day={day}/x.parquet")
    assert s3.read_parquet("bronze/odd//x").to_dict("list") == {"day": [10, 20]}


def test_a_frame_that_parquet_cannot_hold_is_named(s3: S3Client) -> None:
    with pytest.raises(
        UserError, match="^the frame for bronze/x.parquet does not fit Parquet .*; give each column one"
    ):
        s3.write_parquet(pd.DataFrame({"a": [1, "two"]}), "bronze/x.parquet")
