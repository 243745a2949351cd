"""The flights DAG, triggered through Airflow's API, ends in success with Spark executors as pods."""

from dataops.platform.smoke.airflow import DAG, Airflow
from dataops.platform.smoke.context import Context, expect
from dataops.platform.smoke.pods import watch_executors

TITLE = "The DAG flights runs through Airflow's API with executors as pods"
ORDER = 30
LOOK = "see the run in Airflow's page and `kubectl -n dataops-jobs get pods,events`"
PARSED_SECONDS = 120
RUN_SECONDS = 1200


def check(context: Context) -> str:
    """Trigger a run, wait for its end and count the executor pods that appeared."""
    airflow = Airflow(context)
    airflow.wait_for_dag(PARSED_SECONDS)
    with watch_executors(context, context.environment.namespaces["jobs"], f"dag_id={DAG}") as seen:
        run = airflow.trigger()
        airflow.wait_for_run(run, RUN_SECONDS)
    context.applications.update(seen)
    pods = sum(len(names) for names in seen.values())
    expect(pods > 0, f"run {run} succeeded, but no executor pod was seen")
    return f"{run}: success, {len(seen)} Spark application(s) with {pods} executor pod(s)"
