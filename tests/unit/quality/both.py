"""Rows for the audit as frames of either engine."""

from collections.abc import Sequence
from typing import Any, cast

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from dataops.engine.frames import is_single_session


def made(session: SparkSession, rows: Sequence[tuple[Any, ...]], **columns: pa.DataType) -> DataFrame:
    """Rows as a frame of the session's engine."""
    schema = pa.schema(list(columns.items()))
    if is_single_session(session):
        named = [dict(zip(schema.names, row, strict=True)) for row in rows]
        return cast(DataFrame, session.frame(pa.Table.from_pylist(named, schema=schema)))
    return session.createDataFrame(list(rows), from_arrow_schema(schema))
