"""The session of a job on the engine that was chosen; the choice and its reason are one line of the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from dataops.config import Settings
from dataops.engine.choice import Choice, choose
from dataops.engine.inputs import compared_by, input_bytes
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
        publishes: the declared table that is published; the audit reads it where rows must be unique among all of its
            own, and some tables only Spark can publish.

    Yields:
        A Spark session, or one of DuckDB that offers the same API for what `dataops.engine` has proved equal.

    Raises:
        UserError: the engine told is unknown, an input cannot be found, or the engine does not start.
    """
    settings = Settings.load()
    inputs = [*reads, *compared_by(publishes, settings)] if publishes else list(reads)
    size = input_bytes(*inputs, settings=settings)
    choice = choose(size, told, settings)
    if publishes and choice.engine == "single":
        choice = _unless_spark_must_publish(publishes, choice, told)
    fields = {"engine": choice.engine, "reason": choice.reason, "input_bytes": size, "reads": inputs}
    _LOG.info("engine chosen", extra=fields)
    if choice.engine == "spark":
        from dataops.spark.session import create_spark_session

        with create_spark_session(name, settings=settings) as spark:
            yield spark
    else:
        from dataops.engine.single import single_session

        with single_session() as single:
            yield cast("SparkSession", single)


def _unless_spark_must_publish(table: Table, choice: Choice, told: str | None) -> Choice:
    from dataops.tables.suited import needs_spark

    why = needs_spark(table.partition_by, table.expectations)
    if why is None:
        return choice
    if told == "single":
        raise UserError(f"table {table.name} cannot be published by one machine: {why}; use --engine spark")
    return Choice("spark", f"table {table.name}: {why}")
