"""The model: the same flights give the same model, it beats a guess, and its version says what it saw."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
import pandas as pd
import pytest

from dataops import tables
from dataops.testing.flights_expected import delivered
from jobs import flights_model


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    """What the job reads of silver.flights, made from the package's file."""
    frame = delivered("flights.csv.zip").query("month in (1, 7)").copy()
    frame["scheduled_departure"] = frame["time_hour"] + pd.to_timedelta(frame["minute"], unit="min")
    return frame[flights_model.COLUMNS]


def test_the_order_of_rows_changes_no_figure(flights: pd.DataFrame) -> None:
    _, first = flights_model.train(flights_model.transform(flights))
    _, second = flights_model.train(flights_model.transform(flights.sample(frac=1, random_state=3)))
    assert first == second


def test_the_sample_is_a_quarter_of_the_departed_flights(flights: pd.DataFrame) -> None:
    sample = flights_model.transform(flights)
    assert len(sample) == pytest.approx(flights["dep_delay"].notna().sum() / 4, rel=0.05)
    assert sample["test"].mean() == pytest.approx(1 / 5, rel=0.1)
    assert not sample.isna().any().any()


def test_the_model_beats_the_mean(flights: pd.DataFrame) -> None:
    _, metrics = flights_model.train(flights_model.transform(flights))
    assert metrics["mean_absolute_error"] < metrics["mean_absolute_error_of_mean"]
    assert metrics["r2"] > 0


@contextmanager
def run_in_files(experiment: str, run_name: str, tags: dict[str, str]) -> Iterator[mlflow.ActiveRun]:
    """A run without a server, in place of the platform's."""
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name=run_name, tags=tags) as run:
        yield run


def test_a_version_is_registered_with_the_snapshot_it_saw_and_predicts(
    flights: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "current_snapshot", lambda table: 4711)
    monkeypatch.setattr(tables, "read_pandas", lambda table, columns, snapshot_id: flights)
    monkeypatch.setattr(flights_model, "start_run", run_in_files)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")  # what the next line sets is taken back with this
    mlflow.set_tracking_uri(tmp_path.as_uri())
    flights_model.main("2013-12-31")
    flights_model.main("2013-12-31")
    client = mlflow.MlflowClient()
    versions = client.search_model_versions(f"name='{flights_model.NAME}'")
    assert [version.tags for version in versions] == [{"load": "2013-12-31", "silver_snapshot": "4711"}] * 2
    metrics = [client.get_run(str(version.run_id)).data.metrics for version in versions]
    assert metrics[0] == metrics[1]
    model = mlflow.pyfunc.load_model(f"models:/{flights_model.NAME}@{flights_model.ALIAS}")
    assert len(model.predict(flights_model.transform(flights)[flights_model.FEATURES].head(3))) == 3
