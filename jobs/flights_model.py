"""Model: learns departure delays from silver.flights and registers the model in MLflow as flight-delays."""

import mlflow
import numpy as np
import pandas as pd
import sklearn
from mlflow.models import infer_signature
from sklearn.compose import ColumnTransformer
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeRegressor

from dataops import tables
from dataops.errors import UserError
from dataops.mlflow import start_run
from jobs._job import command, report
from jobs.tables.silver_flights import TABLE as FLIGHTS

NAME = "flight-delays"
ALIAS = "current"  # always the newest version; the smoke run and users load models:/flight-delays@current
TARGET = "dep_delay"
WORDS = ["carrier", "origin", "dest"]
NUMBERS = ["month", "hour", "weekday", "distance"]
FEATURES = [*WORDS, *NUMBERS]
COLUMNS = [*FLIGHTS.keys, "month", "hour", "distance", "time_hour", TARGET]
SAMPLE_EVERY = 4  # a quarter of the flights is enough for a tree this small
TEST_EVERY = 5


def transform(flights: pd.DataFrame) -> pd.DataFrame:
    """Return the sample to learn from: the same rows in the same order, however the table's files are laid out.

    Returns:
        Features, target and `test` (whether a row is kept for measuring) of the sampled flights that departed.
    """
    departed = flights[flights[TARGET].notna()].sort_values(list(FLIGHTS.keys), kind="stable", ignore_index=True)
    key = departed[list(FLIGHTS.keys)].astype({"scheduled_departure": "string"})
    fingerprint = pd.util.hash_pandas_object(key, index=False).to_numpy()
    sample: pd.DataFrame = departed[fingerprint % SAMPLE_EVERY == 0].copy()
    sample["weekday"] = sample["time_hour"].dt.weekday
    sample["test"] = (fingerprint // SAMPLE_EVERY % TEST_EVERY == 0)[fingerprint % SAMPLE_EVERY == 0]
    # as floats: a whole number column of MLflow's signature refuses missing values later
    sample[[*NUMBERS, TARGET]] = sample[[*NUMBERS, TARGET]].astype("float64")
    return sample.filter([*FEATURES, TARGET, "test"]).reset_index(drop=True)


def train(sample: pd.DataFrame) -> tuple[Pipeline, dict[str, float]]:
    """Fit the model and measure it on the rows kept for that, beside the guess that knows only the mean delay."""
    learn, test = sample[~sample["test"]], sample[sample["test"]]
    words = ColumnTransformer([("words", OneHotEncoder(handle_unknown="ignore"), WORDS)], remainder="passthrough")
    model = Pipeline(
        [("encode", words), ("tree", DecisionTreeRegressor(max_depth=8, min_samples_leaf=50, random_state=0))]
    )
    model.fit(learn[FEATURES], learn[TARGET])
    guess, actual = model.predict(test[FEATURES]), test[TARGET]
    return model, {
        "mean_absolute_error": float(mean_absolute_error(actual, guess)),
        "root_mean_squared_error": float(root_mean_squared_error(actual, guess)),
        "r2": float(r2_score(actual, guess)),
        "mean_absolute_error_of_mean": float(np.abs(actual - learn[TARGET].mean()).mean()),
        "rows_trained": float(len(learn)),
        "rows_tested": float(len(test)),
    }


def main(load: str) -> None:
    """Train on the table's newest snapshot and register a new version, tagged with the load and that snapshot.

    The same load on the same flights gives the same model and metrics again, as a further version.
    """
    snapshot = tables.current_snapshot(FLIGHTS.name)
    flights = tables.read_pandas(FLIGHTS.name, columns=COLUMNS, snapshot_id=snapshot)
    sample = transform(flights)
    if sample["test"].nunique() < 2:
        raise UserError(
            f"{FLIGHTS.name} holds {len(flights)} flights, too few to train on; run the silver job for a full load"
        )
    model, metrics = train(sample)
    version = _register(load, snapshot, model, metrics, sample)
    departed = int(flights[TARGET].notna().sum())
    report(
        "model",
        load,
        rows_in=len(flights),
        rows_out=len(sample),
        rejected={"cancelled": len(flights) - departed, "not_sampled": departed - len(sample)},
        table=FLIGHTS.name,
        snapshot=snapshot,
        model=NAME,
        version=version,
        metrics=metrics,
    )


def _register(load: str, snapshot: int, model: Pipeline, metrics: dict[str, float], sample: pd.DataFrame) -> str:
    tags = {"load": load, "silver_snapshot": str(snapshot)}
    with start_run(NAME, run_name=f"load {load}", tags=tags):
        mlflow.log_params({"max_depth": 8, "min_samples_leaf": 50, "features": ",".join(FEATURES)})
        mlflow.log_metrics(metrics)
        example = sample[FEATURES].head(5)
        logged = mlflow.sklearn.log_model(
            model,
            name="model",
            serialization_format="cloudpickle",  # MLflow's default, skops, is a package more in every image
            signature=infer_signature(example, model.predict(example)),
            # named, because working them out would start a server in the pod
            pip_requirements=[f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}"],
        )
        version = mlflow.register_model(logged.model_uri, NAME, tags=tags).version
    mlflow.MlflowClient().set_registered_model_alias(NAME, ALIAS, version)
    return str(version)


if __name__ == "__main__":
    command(main, __doc__)
