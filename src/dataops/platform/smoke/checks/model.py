"""The delay model is in MLflow's registry and predicts after it was downloaded."""

from dataops.platform.smoke.context import Context, expect
from dataops.platform.smoke.pods import run_inside

TITLE = "The model is in the registry and predicts after download"
ORDER = 50
LOOK = "see MLflow's page and `kubectl -n dataops logs deploy/mlflow`"


def check(context: Context) -> str:
    """Run inside/model.py and expect predictions and the metrics of the run that made the version."""
    result = run_inside(context, "model")
    expect(result["predictions"] == result["asked"], f"asked for {result['asked']} predictions: {result}")
    expect("mean_absolute_error" in result["metrics"], f"the run has no metric of its error: {result['metrics']}")
    expect(bool(result["snapshot"]), "the version does not say which snapshot it saw")
    return f"{result['name']} version {result['version']}, error {result['metrics']['mean_absolute_error']:.2f} minutes"
