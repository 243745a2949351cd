"""publish: which of Iceberg's writes it asks for, and only after the account may write at all."""

from typing import Any
from unittest.mock import ANY, MagicMock, call

import pytest
from pyspark.sql import SparkSession

from dataops.errors import UserError
from dataops.tables import publish
from dataops.tables import spark as of_spark

PARTITIONED = ("id", "month", "# Partition Information", "# col_name", "month")


@pytest.fixture
def frame(local_spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Rows of the columns `id` and `month` in a Spark that has the table already; the catalog allows everything."""
    monkeypatch.setattr(of_spark, "check_may_write", lambda table, settings: None)
    frame = MagicMock(columns=["id", "month"])
    table = frame.sparkSession.table.return_value
    table.columns = ["id", "month"]
    table.where.return_value.select.return_value.collect.return_value = [{"snapshot_id": 7}]
    return frame


def described(frame: Any, *names: str) -> None:
    """Let the table have these lines of `describe table`."""
    frame.sparkSession.sql.return_value.collect.return_value = [{"col_name": name} for name in names]


def writes(frame: Any) -> list[Any]:
    """What the writer was asked to do."""
    return list(frame.writeTo.return_value.option.return_value.mock_calls)


def test_the_partitions_of_the_frame_are_replaced(frame: Any) -> None:
    described(frame, *PARTITIONED)
    assert publish(frame, "silver.flights", partition_by=["month"]) == 7
    assert writes(frame) == [call.overwritePartitions()]


def test_a_table_without_partitions_is_replaced_whole(frame: Any) -> None:
    described(frame, "id", "month")
    publish(frame, "gold.delays")
    assert writes(frame) == [call.overwrite(ANY)]


def test_other_partitions_than_the_tables_write_nothing(frame: Any) -> None:
    described(frame, *PARTITIONED)
    with pytest.raises(UserError, match="silver.flights is partitioned by month, not by nothing"):
        publish(frame, "silver.flights")
    assert writes(frame) == []


def test_who_may_not_write_writes_nothing(frame: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_spark, "check_may_write", MagicMock(side_effect=UserError("not yours")))
    described(frame, *PARTITIONED)
    with pytest.raises(UserError, match="not yours"):
        publish(frame, "silver.flights", partition_by=["month"])
    assert writes(frame) == []
