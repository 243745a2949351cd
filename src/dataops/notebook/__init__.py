"""What a notebook has at hand: `spark`, `mlflow`, `sql`, `lake`, and Parquet by path with the rules of the lake.

A kernel binds these names by itself. Elsewhere `from dataops.notebook import spark` gives the same objects with their
types; nothing heavy is imported before one of them is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataops.notebook.kernel import activate
from dataops.notebook.lazy import made
from dataops.notebook.parquet import read_s3_parquet, write_s3_parquet
from dataops.notebook.query import sql
from dataops.notebook.sample import Sample, show_sample
from dataops.notebook.tree import lake
from dataops.notebook.whereabouts import Status, status

if TYPE_CHECKING:
    import mlflow
    from pyspark.sql import SparkSession

    spark: SparkSession

__all__ = [
    "Sample",
    "Status",
    "activate",
    "lake",
    "mlflow",
    "read_s3_parquet",
    "show_sample",
    "spark",
    "sql",
    "status",
    "write_s3_parquet",
]


def __getattr__(name: str) -> Any:
    """Return `spark` or `mlflow`, which stand for objects that are made when something of them is used."""
    if name in made():
        return made()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
