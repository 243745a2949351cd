"""Delivered lines as frames, and the one rule by which repeated rows are told apart."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
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
    delivered = pc.split_pattern(_text("\n".join(lines)), "\n").values[: len(lines)]
    whole = pc.match_substring_regex(delivered, rf"^[^,\r]*(,[^,\r]*){{{len(columns) - 1}}}\r*$")
    rows = _parsed(delivered.filter(whole), columns)
    malformed = delivered.filter(pc.invert(whole))
    if len(malformed):
        wrong = pa.table({MALFORMED: malformed})
        return engine.frame(session, pa.concat_tables([rows, wrong], promote_options="default"))
    return engine.frame(session, rows.append_column(MALFORMED, pa.nulls(len(rows), pa.string())))


def _parsed(lines: pa.StringArray, columns: Sequence[str]) -> pa.Table:
    text = dict.fromkeys(columns, pa.string())
    if not len(lines):
        return pa.schema(list(text.items())).empty_table()
    one = pa.Array.from_buffers(pa.list_(pa.string()), 1, [None, _all_of(len(lines))], children=[lines])
    return csv.read_csv(
        pa.BufferReader(pc.binary_join(one, _text("\n"))[0].as_buffer()),
        csv.ReadOptions(column_names=list(columns)),
        csv.ParseOptions(quote_char=False),  # the source quotes nothing
        csv.ConvertOptions(column_types=text, null_values=["NA", ""], strings_can_be_null=True),
    )


def _text(value: str) -> pa.StringArray:
    # pa.array and pa.scalar would load pandas, which takes longer than parsing a year of flights
    data = pa.py_buffer(value.encode())
    return pa.StringArray.from_buffers(1, _all_of(data.size), data)


def _all_of(length: int) -> pa.Buffer:
    return pa.py_buffer(struct.pack("=2i", 0, length))  # the offsets of one value that is all there is


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
