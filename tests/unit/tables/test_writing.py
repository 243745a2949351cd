"""Writing: which of Spark's writes each mode is, and what does not fit is said; Iceberg's table is faked."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import ANY, MagicMock, call

import pytest
from pyspark.errors import AnalysisException

from dataops.errors import UserError
from dataops.tables import writing
from dataops.tables.writing import check_shape, write


def loaded(**transforms: str) -> Any:
    """Iceberg's table with the columns `id` and `month`, partitioned so."""
    names = dict(enumerate(("id", "month"), 1))
    numbers = {name: number for number, name in names.items()}
    columns = [SimpleNamespace(name=lambda name=name: name) for name in numbers]
    fields = [
        SimpleNamespace(
            sourceId=lambda name=name: numbers[name],
            transform=lambda text=text: SimpleNamespace(toString=lambda: text),
        )
        for name, text in transforms.items()
    ]
    schema = SimpleNamespace(columns=lambda: columns, findColumnName=names.__getitem__)
    spec = SimpleNamespace(fields=lambda: fields)
    return SimpleNamespace(schema=lambda: schema, spec=lambda: spec, currentSnapshot=lambda: None)


@pytest.mark.parametrize(
    ("transforms", "partition_by"),
    [
        ({}, ()),
        ({"month": "identity"}, ("month",)),
        ({"id": "bucket[16]", "month": "month"}, ("bucket(16, id)", "month(month)")),
    ],
)
def test_partitions_are_compared_as_declarations_write_them(
    monkeypatch: pytest.MonkeyPatch, transforms: dict[str, str], partition_by: tuple[str, ...]
) -> None:
    monkeypatch.setattr(writing, "load", lambda spark, table: loaded(**transforms))
    frame: Any = MagicMock(columns=["month", "id"])
    check_shape(frame, "silver.x", partition_by)
    with pytest.raises(UserError, match=r"table silver.x is partitioned by .*, not by day\(id\); publish it so"):
        check_shape(frame, "silver.x", ("day(id)",))


def test_other_columns_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "load", lambda spark, table: loaded())
    frame: Any = MagicMock(columns=["id", "day"])
    with pytest.raises(UserError, match=r"table silver.x has other columns than the frame .*more: day; less: month"):
        check_shape(frame, "silver.x", ())


@pytest.mark.parametrize(
    ("mode", "partitioned", "asked"),
    [
        ("overwrite", True, call.overwritePartitions()),
        ("overwrite", False, call.overwrite(ANY)),
        ("append", True, call.append()),
    ],
    ids=str,
)
def test_each_mode_is_one_write(local_spark: Any, mode: str, partitioned: bool, asked: Any) -> None:
    frame = MagicMock()
    write(frame, "lake.silver.x.branch_audit", mode, partitioned, ())
    frame.writeTo.assert_called_once_with("lake.silver.x.branch_audit")
    assert frame.writeTo.return_value.mock_calls == [asked]


def test_a_merge_goes_by_its_keys_and_leaves_no_view() -> None:
    frame = MagicMock()
    write(frame, "lake.silver.x.branch_audit", "merge", True, ("id", "month"))
    (statement,), _ = frame.sparkSession.sql.call_args
    assert "on target.`id` <=> source.`id` and target.`month` <=> source.`month` when matched" in statement
    (view,), _ = frame.createOrReplaceTempView.call_args
    frame.sparkSession.catalog.dropTempView.assert_called_once_with(view)


def test_a_column_of_another_type_is_one_sentence() -> None:
    frame = MagicMock()
    frame.writeTo.return_value.append.side_effect = AnalysisException("Cannot safely cast `id`\n the plan")
    with pytest.raises(UserError, match="^the frame does not fit lake.silver.x: Cannot safely cast `id`$"):
        write(frame, "lake.silver.x.branch_audit", "append", False, ())
