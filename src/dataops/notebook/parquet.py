"""Parquet by path, with the rules of the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataops.errors import UserError
from dataops.notebook.failures import java_reason

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from dataops.config import Settings

_MODES = ("overwrite", "append", "ignore", "error", "errorifexists")


def read_s3_parquet(spark: SparkSession, path: str) -> DataFrame:
    """Read Parquet by its path; on the path of a table, the table's current snapshot.

    Files of one folder may have columns that others lack; the frame has all of them.

    Raises:
        UserError: nothing is there, it cannot be read, or a column has several types.
    """
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import AnalysisException, IllegalArgumentException

    from dataops import lineage, tables
    from dataops.config import Settings

    settings = Settings.load()
    table = tables.table_at(path, settings)
    if table:
        return tables.read(spark, table)
    url = _url(path, settings)
    try:
        # Spark's own way is to take one file's columns for all, and to fail later or to lose some
        frame = spark.read.option("mergeSchema", "true").parquet(url)
    except AnalysisException as error:
        if "PATH_NOT_FOUND" in str(error):
            raise UserError(f"{url} does not exist; look with: lake('{path}')") from None
        if "UNABLE_TO_INFER_SCHEMA" in str(error):
            raise UserError(f"{url} holds no Parquet file; look with: lake('{path}')") from None
        raise
    except (Py4JJavaError, IllegalArgumentException) as error:
        if "CANNOT_MERGE" in str(error):
            raise UserError(
                f"the files in {url} do not fit together ({java_reason(error)}); read the folders of each kind by"
                f" themselves and cast, look with: lake('{path}')"
            ) from None
        raise UserError(_failure("cannot be read", url, settings, error)) from error
    lineage.record(url)
    return frame


def write_s3_parquet(df: DataFrame, path: str, mode: str = "overwrite") -> None:
    """Write Parquet to a path, with Spark's modes.

    Raises:
        UserError: the path is a table's, whose rows are published instead, or it cannot be written.
    """
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import IllegalArgumentException

    from dataops import tables
    from dataops.config import Settings

    if mode not in _MODES:
        raise UserError(f"mode {mode!r} is unknown; use one of {', '.join(_MODES)}")
    settings = Settings.load()
    touched = tables.tables_touching(path, settings)
    if touched:
        raise UserError(
            f"{path} holds the files of table {', '.join(touched)}, which a plain write would damage; write rows with:"
            f' dataops.tables.publish(df, "{touched[0]}")'
        )
    url = _url(path, settings)
    try:
        df.write.mode(mode).parquet(url)
    except (Py4JJavaError, IllegalArgumentException) as error:
        raise UserError(_failure("cannot be written", url, settings, error)) from error


def _url(path: str, settings: Settings) -> str:
    from dataops.s3 import paths

    if path.startswith(("file:", "/")):
        return path
    url = paths.url(path, settings.s3_bucket)
    if url.count("/") < 3:
        raise UserError(f"{path!r} names no folder; write {url}/<folder>, or only <folder>")
    return url


def _failure(what: str, url: str, settings: Settings, error: Exception) -> str:
    """Say why Spark could not: the store itself is asked first, because its own words are clearer than the JVM's."""
    from dataops.s3 import S3Client

    if url.startswith("s3a:"):
        try:
            S3Client(settings).exists(url)
        except UserError as refused:
            return str(refused)
    return f"{url} {what} ({java_reason(error)}); look with: lake('{url}')"
