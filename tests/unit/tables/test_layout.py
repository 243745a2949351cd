"""Files of a table: which are worth rewriting, and how its rows leave the lake."""

from contextlib import nullcontext
from dataclasses import replace
from unittest.mock import MagicMock

import pandas as pd
import pyarrow as pa
import pytest

from dataops import tables
from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client
from dataops.tables import writing
from dataops.tables.compact import FEWEST, worth_compacting
from dataops.tables.declare import Column, Table
from dataops.tables.export import export

NAME = "silver.events"
EVENTS = Table(
    NAME, (Column("id", "bigint"), Column("place", "string")), "somebody", "Events.", partition_by=("place",)
)


def append(place: str, times: int) -> None:
    """Write as many files into a partition."""
    for number in range(times):
        tables.load_table(NAME).append(pa.table({"id": [number], "place": [place]}))


def test_a_few_small_files_in_each_partition_stay(lake: Settings) -> None:
    tables.apply(EVENTS)
    assert not worth_compacting(NAME)
    append("here", FEWEST - 1)
    append("there", FEWEST - 1)
    assert not worth_compacting(NAME)
    append("there", 1)
    assert worth_compacting(NAME)


def test_files_of_an_older_layout_are_brought_along(lake: Settings) -> None:
    tables.apply(EVENTS)
    append("here", 1)
    tables.apply(replace(EVENTS, partition_by=()))
    assert worth_compacting(NAME)


@pytest.mark.parametrize("spec", [0, 1], ids=["older", "current"])
def test_no_load_is_let_in_beside_files_of_an_older_layout(spec: int, monkeypatch: pytest.MonkeyPatch) -> None:
    table = MagicMock()  # Iceberg's own, in Spark's JVM; tests/integration has a real one
    table.schema().columns.return_value = table.spec().fields.return_value = []
    table.spec().specId.return_value = 1
    manifest = MagicMock()
    manifest.partitionSpecId.return_value = spec
    table.currentSnapshot().dataManifests.return_value = [manifest]
    monkeypatch.setattr(writing, "load", lambda spark, name: table)
    refused = pytest.raises(UserError, match="bring them along first: dataops tables compact silver.events")
    with refused if spec == 0 else nullcontext():
        writing.check_shape(MagicMock(columns=[]), NAME, ())


def test_rows_leave_as_plain_parquet(lake_on_s3: Settings) -> None:
    tables.apply(EVENTS)
    append("here", 2)
    snapshot = tables.current_snapshot(NAME)
    append("there", 1)
    assert export(NAME, "sandbox/all") == 3
    assert export(NAME, "sandbox/some", snapshot) == 2
    for path, which in (("sandbox/all", None), ("sandbox/some", snapshot)):
        found, wanted = S3Client().read_parquet(path), tables.read_pandas(NAME, snapshot_id=which)
        order = ["place", "id"]
        pd.testing.assert_frame_equal(
            found.sort_values(order, ignore_index=True), wanted.sort_values(order, ignore_index=True)
        )
    with pytest.raises(UserError, match="sandbox/all holds files already; export silver.events to an empty path"):
        export(NAME, "sandbox/all")
