"""Delivered lines as frames, and the one rule by which repeated rows are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import csv

from dataops import engine
from dataops.engine import Window
from dataops.engine import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

MALFORMED = "_malformed"
"""Holds the line itself where a line has more or fewer fields than the file has columns."""


def delivered_frame(session: SparkSession, lines: Sequence[str], columns: Sequence[str]) -> DataFrame:
    """Return delivered lines as text columns, NA and nothing as null; nothing is typed or dropped yet."""
    text, malformed = "\n".join(lines), list[str]()
    if "\r" in text:
        malformed += (line for line in lines if "\r" in line.rstrip("\r"))
        text = "\n".join(line for line in lines if "\r" not in line.rstrip("\r"))
    rows = _parsed(text, columns, malformed)
    if malformed:
        wrong = pa.table({MALFORMED: malformed})
        return engine.frame(session, pa.concat_tables([rows, wrong], promote_options="default"))
    return engine.frame(session, rows.append_column(MALFORMED, pa.nulls(len(rows), pa.string())))


def _parsed(text: str, columns: Sequence[str], malformed: list[str]) -> pa.Table:
    def aside(row: csv.InvalidRow) -> str:
        malformed.append(row.text)
        return "skip"

    types = dict.fromkeys(columns, pa.string())
    if not text:
        return pa.schema(list(types.items())).empty_table()
    return csv.read_csv(
        pa.BufferReader(text.encode()),  # pa.array would load pandas, which takes longer than parsing a year of flights
        csv.ReadOptions(column_names=list(columns)),
        csv.ParseOptions(quote_char=False, invalid_row_handler=aside),  # the source quotes nothing
        csv.ConvertOptions(column_types=types, null_values=["NA", ""], strings_can_be_null=True),
    )


def integer(name: str) -> Column:
    """Return a text column as a whole number; null where it is none (a plain cast would cut 5.58 to 5)."""
    return F.when(~F.col(name).contains("."), F.col(name).cast("int"))


def utc(name: str) -> Column:
    """Return a text column such as 2013-01-01T10:00:00Z as an instant; null where it is none."""
    return F.when(F.col(name).endswith("Z"), F.col(name).cast("timestamp"))  # a zone, so the session's has no say


def repeated(key: Sequence[str], order: Sequence[str]) -> Column:
    """Return whether a row repeats another one's key; which of them counts as the first is the same in every run."""
    window = Window.partitionBy(*key).orderBy(*(F.col(name).asc_nulls_last() for name in order))
    return F.row_number().over(window) > 1
