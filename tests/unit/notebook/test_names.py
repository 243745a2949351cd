"""The names have real types, in an editor and in the kernel; `make lint` checks the first half."""

import importlib
from typing import assert_type

import pytest
from pyspark.sql import DataFrame, SparkSession

from dataops import notebook
from dataops.notebook import show_sample, sql
from dataops.notebook.lazy import Lazy


def test_an_editor_knows_the_types(local_spark: SparkSession) -> None:
    assert_type(notebook.spark, SparkSession)
    assert_type(notebook.spark.range(3), DataFrame)
    assert_type(sql("select 1"), DataFrame)
    assert_type(show_sample(sql("select 1")), notebook.Sample)
    assert sql("select {n} as n", n=7).collect()[0]["n"] == 7


def test_the_names_stand_for_objects_made_at_first_use() -> None:
    assert isinstance(notebook.spark, Lazy) and notebook.spark is notebook.spark
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        importlib.import_module("dataops.notebook").nothing  # noqa: B018  # the look-up itself is tested


def test_completion_makes_nothing() -> None:
    lazy = Lazy(lambda: pytest.fail("made"), lambda: SparkSession)
    assert "createDataFrame" in dir(lazy) and lazy.range.__doc__ == SparkSession.range.__doc__
    assert "parquet" in dir(lazy.read)
