"""The history server lists the applications that this smoke run started."""

import time

import httpx

from dataops.platform.smoke.context import CheckFailed, Context, ok

TITLE = "The history server lists the applications"
ORDER = 80
LOOK = "see `kubectl -n dataops logs deploy/spark-history`"
# it looks for new event logs every few seconds
PATIENCE_SECONDS = 60


def check(context: Context) -> str:
    """Expect each application that was seen, or at least one."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        listed = ok(httpx.get(f"{context.url('history')}/api/v1/applications", timeout=20)).json()
        names = {application["id"] for application in listed}
        missing = context.applications - names
        if names and not missing:
            return f"{len(names)} applications, {len(context.applications)} of them from this run"
        if time.monotonic() > end:
            raise CheckFailed(f"it lists {len(names)} applications, not {', '.join(sorted(missing)) or 'one'}")
        time.sleep(2)
