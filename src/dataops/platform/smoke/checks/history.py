"""The history server lists the applications that this smoke run started."""

import json
import time
from typing import Any

from dataops.platform.smoke.context import CheckFailed, Context
from dataops.platform.smoke.pods import run_in_server

TITLE = "The history server lists the applications"
ORDER = 80
LOOK = "see `kubectl -n dataops logs deploy/spark-history`"
# it looks for new event logs every few seconds
PATIENCE_SECONDS = 60
# asked from inside its pod: it has no log-in, so not every place lets people reach it
ASK = "import urllib.request as r; print(r.urlopen('http://localhost:18080/api/v1/applications').read().decode())"


def check(context: Context) -> str:
    """Expect each application that was seen, or at least one."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        names = {application["id"] for application in _applications(context)}
        missing = context.applications - names
        if names and not missing:
            return f"{len(names)} applications, {len(context.applications)} of them from this run"
        if time.monotonic() > end:
            raise CheckFailed(f"it lists {len(names)} applications, not {', '.join(sorted(missing)) or 'one'}")
        time.sleep(2)


def _applications(context: Context) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(run_in_server(context, "spark", "history", ["python", "-c", ASK]))
    return listed
