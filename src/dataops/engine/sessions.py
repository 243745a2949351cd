"""The session of a job on the engine that was chosen; the choice and its reason are one line of the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from dataops.config import Settings
from dataops.engine.choice import Choice, choose
from dataops.engine.inputs import input_bytes
from dataops.errors import UserError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from dataops.tables.declare import Table

_LOG = logging.getLogger(__name__)


@contextmanager
def session(
    name: str, *, reads: Sequence[str], told: str | None = None, publishes: Table | None = None
) -> Iterator[SparkSession]:
    """Open a session of the engine that suits what a job reads.

    Args:
        name: what the application is called.
        reads: every path and table that the job reads.
        told: the engine, where somebody decided; see `choose`.
        publishes: the table that is published; if it expects something of its rows, only Spark can audit them.

    Yields:
        A Spark session, or one of DuckDB that offers the same API for what `dataops.engine` has proved equal.

    Raises:
        UserError: the engine told is unknown, an input cannot be found, or the engine does not start.
    """
    settings = Settings.load()
    size = input_bytes(*reads, settings=settings)
    choice = choose(size, told, settings)
    if publishes is not None and publishes.expectations and choice.engine == "single":
        choice = _for_the_audit(publishes.name, told)
    fields = {"engine": choice.engine, "reason": choice.reason, "input_bytes": size, "reads": list(reads)}
    _LOG.info("engine chosen", extra=fields)
    if choice.engine == "spark":
        from dataops.spark.session import create_spark_session

        with create_spark_session(name, settings=settings) as spark:
            yield spark
    else:
        from dataops.engine.single import single_session

        with single_session() as single:
            yield cast("SparkSession", single)


def _for_the_audit(table: str, told: str | None) -> Choice:
    if told == "single":
        raise UserError(f"table {table} expects something of its rows, which only Spark audits; use --engine spark")
    return Choice("spark", f"table {table} expects something of its rows, which only Spark audits")
