"""Twelve queries of TPC-H, written once: both engines give the same rows, keys exactly and floats to 1e-9."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from bench.tpch_queries import QUERIES, TABLES
from dataops import engine
from dataops.testing.fixtures import local_spark, single_machine

__all__ = ["local_spark", "single_machine"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """TPC-H at a hundredth of its smallest size."""
    folder = tmp_path_factory.mktemp("tpch")
    program = Path(sys.executable).parent / "tpchgen-cli"
    subprocess.run([program, "parquet", "-s", "0.01", "--output-dir", folder, "--quiet"], check=True)
    yield folder


def answers(session: SparkSession, data: Path) -> dict[str, pd.DataFrame]:
    """What an engine answers to each query."""
    tables: dict[str, DataFrame] = {name: engine.parquet(session, str(data / f"{name}.parquet")) for name in TABLES}
    return {query.__name__: query(tables).toPandas() for query in QUERIES}


def test_both_engines_answer_the_same(data: Path, local_spark: SparkSession, request: pytest.FixtureRequest) -> None:
    wanted = answers(local_spark, data)  # before one machine's functions take over
    found = answers(request.getfixturevalue("single_machine"), data)
    for name, rows in wanted.items():
        assert len(rows), f"{name} finds nothing at this size: choose another query"
        pd.testing.assert_frame_equal(found[name], rows, check_dtype=False, rtol=1e-9, atol=0)
