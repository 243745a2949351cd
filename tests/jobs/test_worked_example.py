"""docs/NOTEBOOK_TO_PIPELINE.md does what it says: its function, its job, its test; tests/dags loads its DAG."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from dataops import tables

GUIDE = Path(__file__).parents[2] / "docs" / "NOTEBOOK_TO_PIPELINE.md"
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
FLIGHTS = "origin string, hour int, dep_delay double, cancelled boolean"


def load(name: str, path: str, folder: Path) -> ModuleType:
    """Write the block whose first line names a file, and import it under a name."""
    (block,) = [one for one in BLOCKS if one.startswith(f"# {path}\n")]
    file = folder / Path(path).name
    file.write_text(block, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The guide's job, imported as it will be from jobs/."""
    monkeypatch.setitem(sys.modules, "jobs.late_hours", ModuleType("jobs.late_hours"))  # and taken away again
    return load("jobs.late_hours", "jobs/late_hours.py", tmp_path)


def test_its_test_is_green(job: ModuleType, tmp_path: Path, local_spark: SparkSession) -> None:
    test = load("guide_test", "tests/jobs/test_late_hours.py", tmp_path)
    del sys.modules["guide_test"]
    test.test_cancelled_flights_do_not_count(local_spark)


def test_the_notebooks_function_is_the_jobs(job: ModuleType, local_spark: SparkSession) -> None:
    frame = local_spark.createDataFrame([("EWR", 5, 10.0, False), ("LGA", 7, None, True)], FLIGHTS)
    names: dict[str, Any] = {"show_sample": lambda df: df, "read_s3_parquet": lambda *_: frame, "spark": local_spark}
    exec(BLOCKS[0], names)  # noqa: S102  # the guide's own cell
    assert names["transform"](frame).collect() == job.transform(frame).collect()


def test_its_figures_add_up(job: ModuleType, local_spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = local_spark.createDataFrame([("EWR", 5, 10.0, False), ("EWR", 5, None, True)], FLIGHTS)
    told: dict[str, Any] = {}
    published: list[str] = []

    def publish(df: DataFrame, table: str) -> int:
        published.append(table)
        return 7

    class Session:
        """The test's own Spark, which the job must not end."""

        def __enter__(self) -> SparkSession:
            return local_spark

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(job, "create_spark_session", lambda name: Session())
    monkeypatch.setattr(tables, "read", lambda spark, table: frame)
    monkeypatch.setattr(tables, "publish", publish)
    real = job.report
    monkeypatch.setattr(job, "report", lambda *words, **figures: (told.update(figures), real(*words, **figures)))
    job.main("2013-12-31")
    assert (told["rows_in"], told["rows_out"], told["rejected"], told["snapshot"]) == (2, 1, {"cancelled": 1}, 7)
    assert published == ["gold.late_hours"]
