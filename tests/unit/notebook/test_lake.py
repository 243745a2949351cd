"""lake(): what lies in the store as a tree; tables by their metadata, the rest by its files."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import IntegerType, NestedField

from dataops.errors import UserError
from dataops.notebook import lake
from dataops.s3 import S3Client
from dataops.tables import rows

FILES = {
    "bronze/flights/2013-01/flights.csv": b"12345",
    "bronze/flights/2013-01/_SUCCESS": b"",
    "sandbox/me/sums/year=2013/month=1/part-0.parquet": b"x" * 2048,
    "sandbox/me/sums/year=2013/month=2/part-0.parquet": b"x" * 1024,
    "sandbox/me/sums/year=2013/month=2/part-1.parquet": b"x" * 1024,
}


@pytest.fixture
def filled(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> S3Client:
    """A store with files and folders, and no table."""
    monkeypatch.setattr(rows, "metadata_files", lambda settings: {})
    for key, data in FILES.items():
        s3.write_bytes(key, data)
    return s3


@pytest.fixture
def table(filled: S3Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> S3Client:
    """The same with a table that pyiceberg wrote."""
    catalog = SqlCatalog("lake", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}")
    catalog.create_namespace("silver")
    schema = Schema(NestedField(1, "month", IntegerType()), NestedField(2, "delay", IntegerType()))
    spec = PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "month"))
    made = catalog.create_table("silver.flights", schema, partition_spec=spec)
    made.append(pa.table({"month": pa.array([1, 1, 2], pa.int32()), "delay": pa.array([5, 6, 7], pa.int32())}))
    name = "silver/flights/metadata/2.metadata.json"
    filled.write_bytes(name, Path(made.metadata_location.removeprefix("file://")).read_bytes())
    filled.write_bytes("silver/flights/data/month=1/old.parquet", b"an earlier snapshot's")
    monkeypatch.setattr(rows, "metadata_files", lambda settings: {"silver.flights": f"s3a://data-lake/{name}"})
    return filled


@pytest.mark.usefixtures("table")
def test_tables_folders_and_files_are_a_tree() -> None:
    lines = repr(lake()).splitlines()
    assert lines[:4] == ["s3a://data-lake/", "  bronze/", "    flights/", lines[3]]
    assert lines[3].startswith("      2013-01: files, 5 B, 1 file, written 20")
    assert lines[4:6] == ["  sandbox/", "    me/"]
    assert lines[6].startswith("      sums: Parquet, 4 KiB, 3 files, partitions: year, month (2), written 20")
    assert lines[7] == "  silver/" and lines[8].startswith("    flights: table silver.flights, 3 rows, ")
    assert ", 2 files, partitions: month, written 20" in lines[8] and len(lines) == 9


@pytest.mark.usefixtures("table")
def test_a_part_of_the_lake_is_shown_alone() -> None:
    assert [entry.path for entry in lake("silver").entries] == ["silver/flights"]
    assert [entry.path for entry in lake("s3a://data-lake/sandbox/me/").entries] == ["sandbox/me/sums"]


def test_the_page_folds_and_escapes(filled: S3Client) -> None:
    filled.write_bytes("sandbox/<b>/x.parquet", b"")
    page = lake("sandbox")._repr_html_()
    assert page.count("<details open>") == 2 and "<summary>me/</summary>" in page
    assert "&lt;b&gt;" in page and "<b></b>" not in page


@pytest.mark.usefixtures("filled")
def test_a_place_where_nothing_lies_is_named() -> None:
    with pytest.raises(UserError, match=r"nothing lies below s3a://data-lake/nowhere/; lake\(\) shows what there is"):
        lake("nowhere")


@pytest.mark.usefixtures("s3")
def test_an_empty_lake_says_so() -> None:
    assert repr(lake()) == "s3a://data-lake/ holds nothing"
