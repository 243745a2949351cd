"""A job's part of a local run: its module as it is, on a local Spark, with tables and models in folders.

What it does not show: commits, rights, S3A and executors. Those need the platform.
"""

import runpy
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dataops.mlflow
from dataops import engine, tables
from dataops.config import Settings, variable, withdraw
from dataops.errors import UserError
from dataops.spark import session
from dataops.tables.declare import Table
from dataops.tables.names import split_name

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame, SparkSession


class FolderTables:
    """What jobs use of dataops.tables: each publish writes the whole table as one more numbered folder."""

    def __init__(self, lake: Path) -> None:
        """Keep tables below a folder.

        Args:
            lake: The folder.
        """
        self._lake = lake

    def current_snapshot(self, table: str) -> int:
        """The number of the newest version.

        Raises:
            UserError: There is no such table.
        """
        versions = [int(path.name) for path in self._folder(table).glob("[0-9]*")]
        if not versions:
            raise UserError(f"there is no table {table} in this run: let a task before this one publish it")
        return max(versions)

    def read(self, spark: "SparkSession", table: str, snapshot_id: int | None = None) -> "DataFrame":
        """A version's rows in Spark."""
        return spark.read.parquet(str(self._version(table, snapshot_id)))

    def read_pandas(
        self, table: str, columns: Sequence[str] | None = None, snapshot_id: int | None = None
    ) -> "pd.DataFrame":
        """A version's rows in pandas."""
        import pandas as pd

        return pd.read_parquet(self._version(table, snapshot_id), columns=list(columns) if columns else None)

    def publish(
        self,
        df: "DataFrame",
        table: str | Table,
        partition_by: Sequence[str] = (),
        *,
        mode: str = "overwrite",
        run: str | None = None,
    ) -> int:
        """Write one more version, as `dataops.tables.publish` would; nothing is audited."""
        keys: Sequence[str] = ()
        if isinstance(table, Table):
            partition_by, keys, table = table.partition_by, table.keys, table.name
        replaced = [name for name in (keys if mode == "merge" else partition_by) if name in df.columns]
        number = 1
        if self._folder(table).is_dir():
            number = self.current_snapshot(table) + 1
            kept = self.read(df.sparkSession, table)
            if mode == "append":
                df = kept.unionByName(df)
            elif replaced:
                df = kept.join(df.select(*replaced).distinct(), replaced, "left_anti").unionByName(df)
        df.write.parquet(str(self._folder(table) / str(number)))
        return number

    def _version(self, table: str, number: int | None) -> Path:
        return self._folder(table) / str(number if number is not None else self.current_snapshot(table))

    def _folder(self, table: str) -> Path:
        return self._lake.joinpath(*split_name(table))


def local_session(app_name: str | None = None, **_: Any) -> "SparkSession":
    """The session that jobs get: without store and catalog, whose jars .venv does not have."""
    settings = Settings.model_construct(spark_master_url=Settings.load().spark_master_url)
    conf = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.log.level": "ERROR"}
    return _create(app_name, settings=settings, conf=conf)


@contextmanager
def local_engine(name: str, **_: Any) -> "Iterator[SparkSession]":
    """The engine that jobs get: Spark, whatever they read."""
    with local_session(name) as spark:
        yield spark


def local_mlflow() -> Any:
    """MLflow with its runs and models in a folder."""
    import mlflow

    mlflow.set_tracking_uri((_folder() / "mlflow").as_uri())
    withdraw("MLFLOW_TRACKING_URI")  # which this also sets, to what is no server
    return mlflow


def _folder() -> Path:
    return Path(variable("DATAOPS_LOCAL_LAKE") or "lake").resolve()


_create = session.create_spark_session


def main(module: str, *arguments: str) -> None:
    """Run a job's module as `python -m` does.

    Args:
        module: Its name.
        arguments: Its command line.
    """
    lake = FolderTables(_folder())
    for name in ("read", "read_pandas", "publish", "current_snapshot"):
        setattr(tables, name, getattr(lake, name))
    session.create_spark_session = local_session
    engine.session = local_engine
    dataops.mlflow.configured = local_mlflow
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
