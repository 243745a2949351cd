"""Frames for whichever engine a session belongs to, and the way to tell them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard, cast

from dataops.config import Settings
from dataops.s3 import S3Client

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from dataops.engine.single import SingleFrame, SingleSession


def is_single_session(session: object) -> TypeGuard[SingleSession]:
    """Return whether one machine computes; nothing is imported to find out."""
    return type(session).__module__.startswith("dataops.engine.single")


def is_single_frame(frame: Any) -> TypeGuard[SingleFrame]:
    """Return whether a frame belongs to one machine."""
    return is_single_session(frame) or is_single_session(getattr(frame, "session", None))


def frame(session: SparkSession, rows: pa.Table) -> DataFrame:
    """Return Arrow's rows as a frame of the session's engine."""
    if is_single_session(session):
        return cast("DataFrame", session.frame(rows))
    from pyspark.sql.pandas.types import from_arrow_schema

    return session.createDataFrame(rows.to_pandas(), from_arrow_schema(rows.schema))


def parquet(session: SparkSession, path: str) -> DataFrame:
    """Return the rows of Parquet files of this machine as a frame of the session's engine."""
    if is_single_session(session):
        return cast("DataFrame", session.parquet(path))
    return session.read.parquet(path)


def write_parquet(frame: DataFrame, path: str, settings: Settings) -> None:
    """Replace what lies at a path of the lake by the frame's rows, as plain Parquet."""
    if not is_single_frame(frame):
        frame.write.mode("overwrite").parquet(path)
        return
    s3, rows = S3Client(settings), frame.toArrow()
    s3.delete(*(each.key for each in s3.list_objects(f"{path}/")))
    s3.write_parquet(rows, f"{path}/rows.parquet")
