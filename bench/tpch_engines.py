"""Engines that answer TPC-H: the platform's two, and DuckDB and Polars with SQL as one would use them without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench import tpch_sql
from bench.engines import opened
from bench.tpch_queries import QUERIES, TABLES
from dataops import engine

if TYPE_CHECKING:
    import pandas as pd

OURS = ("single", "spark")
OTHERS = ("duckdb", "polars")


@contextmanager
def answering(name: str, data: Path) -> Iterator[Callable[[str], pd.DataFrame]]:
    """Open an engine over the tables of a folder, to be asked by the names of queries."""
    files = {table: str(data / f"{table}.parquet") for table in TABLES}
    with {"duckdb": _duckdb, "polars": _polars}.get(name, lambda found: _ours(name, found))(files) as answer:
        yield answer


@contextmanager
def _ours(name: str, files: dict[str, str]) -> Iterator[Callable[[str], pd.DataFrame]]:
    queries = {query.__name__: query for query in QUERIES}
    with opened(name) as session:
        tables = {table: engine.parquet(session, path) for table, path in files.items()}
        yield lambda query: queries[query](tables).toPandas()


@contextmanager
def _duckdb(files: dict[str, str]) -> Iterator[Callable[[str], pd.DataFrame]]:
    import duckdb

    with duckdb.connect() as connection:
        for table, path in files.items():
            connection.read_parquet(path).create_view(table)
        yield lambda query: connection.sql(getattr(tpch_sql, query)).to_arrow_table().to_pandas()


@contextmanager
def _polars(files: dict[str, str]) -> Iterator[Callable[[str], pd.DataFrame]]:
    import polars as pl

    context = pl.SQLContext({table: pl.scan_parquet(path) for table, path in files.items()})
    yield lambda query: context.execute(getattr(tpch_sql, query)).collect(engine="streaming").to_arrow().to_pandas()
