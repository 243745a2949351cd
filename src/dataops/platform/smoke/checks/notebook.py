"""A user logs in to JupyterHub, and in the Spark kernel of their server a sample of a table is shown by executors."""

import re

from dataops.platform.smoke.context import Context, expect
from dataops.platform.smoke.hub import USER, Hub
from dataops.platform.smoke.pods import watch_executors

TITLE = "A notebook shows a sample of silver.flights with executors as pods"
ORDER = 70
LOOK = "see `kubectl -n dataops logs deploy/hub` and `kubectl -n dataops-users get pods,events`"
CELL_SECONDS = 480
CODE = """
flights = read_s3_parquet(spark, "s3a://data-lake/silver/flights")
print(show_sample(flights))
print("ROWS", flights.count())
"""


def check(context: Context) -> str:
    """Log in, spawn a server, run the cell and count the executor pods that appeared."""
    hub = Hub(context)
    users, drivers = context.environment.namespaces["users"], f"hub.jupyter.org/username={USER}"
    with hub.server(), watch_executors(context, users, drivers) as seen:
        shown = hub.run(CODE, CELL_SECONDS)
    rows = re.search(r"ROWS (\d+)", shown)
    expect(rows is not None and int(rows[1]) > 0, f"the cell showed no rows: {shown[-300:]}")
    expect("carrier" in shown, f"the sample shows no column carrier: {shown[:300]}")
    pods = sum(len(names) for names in seen.values())
    expect(pods > 0, "no executor pod was seen in the users' namespace")
    return f"{rows[1] if rows else 0} rows counted by {pods} executor pod(s)"
