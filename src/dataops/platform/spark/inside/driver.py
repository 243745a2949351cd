"""The Spark sessions of a driver's pod, asked by their own pages on loopback: print them as JSON, or end one."""

import json
import os
import signal
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FIRST_PORT, PORTS = 4040, 16
LISTENS = "0A"


def applications() -> Iterator[tuple[int, dict[str, Any]]]:
    """Each session with its page's port."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        try:
            (one,) = get(port, "")
        except OSError:
            continue  # nobody listens there
        yield port, one


def get(port: int, path: str) -> Any:
    """Ask a session's page."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/applications{path}", timeout=5) as answer:
        return json.load(answer)


def age(moment: str) -> float:
    """Seconds since a moment as Spark writes it, e.g. 2026-01-31T12:00:00.000GMT."""
    then = datetime.strptime(moment.removesuffix("GMT"), "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=UTC)
    return (datetime.now(UTC) - then).total_seconds()


def describe(port: int, one: dict[str, Any]) -> dict[str, Any]:
    """What a session does."""
    jobs = get(port, f"/{one['id']}/jobs")
    busy = sum(job["status"] == "RUNNING" for job in jobs)
    ends = [age(job["completionTime"]) for job in jobs if "completionTime" in job]
    idle = 0.0 if busy else min([age(one["attempts"][0]["startTime"]), *ends])
    return {"application": one["id"], "name": one["name"], "running_jobs": busy, "idle_seconds": idle}


def process_of(port: int) -> int:
    """The process that listens on a port."""
    tables = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    sockets = {f"socket:[{row[9]}]" for row in tables if row[3] == LISTENS and row[1].endswith(f":{port:04X}")}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(file) in sockets for file in (process / "fd").iterdir()):
                return int(process.name)
        except OSError:
            continue  # it has just ended
    sys.exit(f"nothing listens on port {port} any more")


def main(words: list[str]) -> None:
    """Print what runs; with a name, let that session's JVM give its executors back and close its event log."""
    if not words:
        print(json.dumps([describe(port, one) for port, one in applications()]))
        return
    ports = [port for port, one in applications() if one["id"] == words[0]]
    if not ports:
        sys.exit(f"{words[0]} does not run here any more")
    os.kill(process_of(ports[0]), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1:])
