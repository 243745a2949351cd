"""`make bench-tracking`: metrics logged in a loop, MLflow's way and ours, against a real server on this machine."""

import json
import sys
import tempfile
from pathlib import Path

from bench import report
from dataops.errors import UserError
from dataops.platform.paths import repository_root
from dataops.platform.process import step
from tests.mlflow.people import result
from tests.mlflow.server import PYTHON, Server, served

PAIRS = 5
PLAIN, OURS = 200, 10_000  # a second or more each
# Each way logs in a loop and waits until the server has everything. It prints per metric the caller's own CPU time in
# the loop, which a busy machine leaves alone, and the time by the clock of loop and whole.
WAY = """
import json, os, time
os.environ |= {switches!r}
from dataops.mlflow import configured, flush, log_metric

mlflow = configured()
with mlflow.start_run():
    log = {call}
    for step in range(20):
        log("warm", 1.0, step=step)
    {wait}
    begin, own = time.perf_counter(), time.thread_time()
    for step in range({count}):
        log("loss", 1 / (step + 1), step=step)
    own, loop = time.thread_time() - own, time.perf_counter() - begin
    {wait}
    whole = time.perf_counter() - begin
print(json.dumps([seconds / {count} * 1e6 for seconds in (own, loop, whole)]))
"""
BUFFERED = {"MLFLOW_ENABLE_ASYNC_LOGGING": "true", "MLFLOW_ASYNC_LOGGING_BUFFERING_SECONDS": "1"}
WAYS = {
    "plain": {"switches": {}, "call": "mlflow.log_metric", "wait": "pass", "count": PLAIN},
    "buffered": {
        "switches": BUFFERED,
        "call": "mlflow.log_metric",
        "wait": "mlflow.flush_async_logging()",
        "count": OURS,
    },
    "ours": {"switches": {}, "call": "log_metric", "wait": "flush()", "count": OURS},
}


def main() -> int:
    """Measure, print a table, write .reports/bench-tracking.json.

    Returns:
        The exit code: 1 when a goal was missed.
    """
    if not PYTHON.exists():
        raise UserError("MLflow's server is not installed here: run make .venv-mlflow")
    rounds: list[dict[str, list[float]]] = []
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as server:
        for number in range(PAIRS):
            with step(f"log metrics in {len(WAYS)} ways, {number + 1} of {PAIRS}"):
                rounds.append({way: _measure(server, way) for way in WAYS})
    whole = [(one["plain"][2], one["ours"][2]) for one in rounds]
    calls = [(one["buffered"][0], one["ours"][0]) for one in rounds]
    call = report.paired("G9", "a call in the caller's thread, beside MLflow's buffered logging", calls, "CPU us", 1)
    results = [
        report.paired("G9", "a metric in a loop, until the server has it", whole, "us", 40),
        report.at_most(call, 20),
    ]
    print(report.table(results))
    print(
        report.write(
            repository_root(),
            "tracking",
            results,
            {"microseconds per metric: CPU of a call, clock of a call, clock until sent": rounds},
        )
    )
    return 0 if all(one.met for one in results) else 1


def _measure(server: Server, way: str) -> list[float]:
    printed = result(server.as_notebook("bench"), WAY.format(**WAYS[way]), server.folder)
    microseconds: list[float] = json.loads(printed)
    return microseconds


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        sys.exit(f"error: {error}")
