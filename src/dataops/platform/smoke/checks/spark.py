"""A Spark driver pod with executor pods writes an Iceberg table and reads it back, by Spark and by pyiceberg."""

from dataops.platform.smoke.context import Context, expect
from dataops.platform.smoke.pods import MARK, run_inside, watch_executors

TITLE = "Spark writes and reads a table with executors as pods"
ORDER = 20
LOOK = "see `kubectl -n dataops-jobs get events` and the history server"


def check(context: Context) -> str:
    """Run inside/spark.py and expect its executors among the pods."""
    with watch_executors(context, context.environment.namespaces["jobs"], f"{MARK}=spark") as seen:
        result = run_inside(context, "spark", spark=True)
    expect(result["spark"] == result["pyiceberg"] == result["written"], f"the engines disagree: {result}")
    context.applications.update(seen)
    pods = [name for names in seen.values() for name in names]
    expect(bool(pods), "no executor pod was seen")
    return f"{result['written']} rows, {len(pods)} executor pod(s) of {', '.join(seen)}"
