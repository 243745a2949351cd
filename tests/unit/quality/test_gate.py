"""The gate: what was found is kept beside the table, and an error lets nothing through."""

import json
from pathlib import Path

import mlflow
import pytest
from pyspark.sql import DataFrame, SparkSession

from dataops.config import Settings
from dataops.quality import NotNull, QualityError, Report
from dataops.quality import gate as of_gate
from dataops.quality.audit import REASONS, Audited
from dataops.s3 import S3Client


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Quarantine in a folder: the tests' Spark knows no S3."""
    monkeypatch.setattr(of_gate, "quarantine", lambda table, name, settings: f"file://{tmp_path}/{name}")
    return tmp_path


@pytest.fixture(scope="module")
def rows(local_spark: SparkSession) -> DataFrame:
    """Two rows, one without an id."""
    return local_spark.createDataFrame([(1,), (None,)], "id int")


def gate(rows: DataFrame, settings: Settings, *expectations: NotNull) -> Report:
    """Let the rows through, or not."""
    what = Audited(rows, lambda columns: rows, 1, None)
    return of_gate.gate(what, expectations, table="silver.x", run="dag/1", name="dag_1", settings=settings)


def test_an_error_blocks_and_its_rows_go_to_quarantine(
    rows: DataFrame, s3_settings: Settings, places: Path, local_spark: SparkSession
) -> None:
    with pytest.raises(QualityError) as error:
        gate(rows, s3_settings, NotNull("id"))
    assert str(error.value) == (
        "table silver.x was not published and stays as it was: expected that id has a value, 1 of 2 rows are against"
        f" it; the rejected rows and why are at file://{places}/dag_1."
        " Correct the rows or the declaration, then run it again"
    )
    (bad,) = local_spark.read.parquet(f"file://{places}/dag_1").collect()
    assert bad.asDict() == {"id": None, REASONS: ["expected that id has a value"]}
    kept = json.loads(S3Client(s3_settings).read_bytes("silver/_quality/x/dag_1.json"))
    assert (kept["run"], kept["score"], kept["quarantine"]) == ("dag/1", 0.5, f"file://{places}/dag_1")


def test_a_warning_is_recorded_and_lets_through(rows: DataFrame, s3_settings: Settings, places: Path) -> None:
    report = gate(rows, s3_settings, NotNull("id", severity="warning"))
    assert report.score == 0.5
    kept = json.loads(S3Client(s3_settings).read_bytes("silver/_quality/x/dag_1.json"))
    assert kept["checks"][0]["severity"] == "warning" and kept["quarantine"] is None
    assert not list(places.iterdir())


def test_a_run_of_mlflow_gets_the_figures(
    rows: DataFrame, s3_settings: Settings, places: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: dict[str, float] = {}
    monkeypatch.setattr("dataops.mlflow.log_metric", lambda name, value: logged.update({name: value}))
    monkeypatch.setattr(mlflow, "active_run", lambda: object())
    gate(rows, s3_settings, NotNull("id", severity="warning"))
    names = ("rows", "score", "errors", "warnings")
    assert logged == dict(zip((f"quality/silver.x/{name}" for name in names), (2, 0.5, 0, 1), strict=True))
