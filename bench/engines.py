"""A session of an engine on this machine, without store and catalog, for what is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from dataops.config import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def opened(name: str) -> Iterator[SparkSession]:
    """Open `single` or `spark`, the latter with both cores of the machine."""
    if name == "single":
        from dataops.engine.single import single_session

        with single_session() as single:
            yield cast("SparkSession", single)
        return
    from pyspark import SparkContext

    from dataops.spark.session import create_spark_session

    conf = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4", "spark.driver.memory": "3g"}
    with create_spark_session(
        "bench", settings=Settings.model_construct(spark_master_url="local[2]"), conf=conf
    ) as spark:
        yield spark
    assert SparkContext._gateway is not None
    process = SparkContext._gateway.proc
    process.stdin.close()  # the JVM's sign to end
    process.wait()  # and its CPU time counts
