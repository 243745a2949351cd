"""The chart's test: the first account signs in, every component beats, and no DAG file is broken."""

import json
import os
import sys
import urllib.request
from typing import Any

URL = os.environ["API_SERVER"]


def call(path: str, token: str = "", body: dict[str, str] | None = None) -> Any:
    """Send one request; with a body it is a POST."""
    request = urllib.request.Request(URL + path, json.dumps(body).encode() if body else None)
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def main() -> None:
    """Run the checks."""
    account = {"username": os.environ["ADMIN_USERNAME"], "password": os.environ["ADMIN_PASSWORD"]}
    token = call("/auth/token", body=account)["access_token"]
    health = call("/api/v2/monitor/health")
    ill = [
        name for name in ("metadatabase", "scheduler", "dag_processor", "triggerer") if not is_well(health.get(name))
    ]
    if ill:
        sys.exit(f"error: not healthy: {', '.join(ill)}; look at the log: kubectl logs deploy/airflow-<component>")
    broken = call("/api/v2/importErrors", token)["import_errors"]
    if broken:
        sys.exit("error: DAG files that cannot be read: " + ", ".join(sorted(each["filename"] for each in broken)))
    print(f"signed in; all components beat; {call('/api/v2/dags', token)['total_entries']} DAGs, none broken")


def is_well(component: dict[str, str] | None) -> bool:
    """Tell whether a component says that it is healthy."""
    return component is not None and component.get("status") == "healthy"


if __name__ == "__main__":
    main()
