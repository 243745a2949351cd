"""`make bench-s3`: small objects and columns of Parquet, read the usual way with boto3 and ours, from a file server."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench import report
from dataops.errors import UserError
from dataops.platform.paths import repository_root
from dataops.platform.process import run, step
from dataops.platform.tools import GoTool, build

PAIRS = 5
SMALL, SMALL_BYTES = 64, 16 * 1024
FOLDER, FILES, ROWS, COLUMNS = "rows/", 8, 250_000, 20
WANTED = ["c3", "c11"]
WAYS = ("boto3", "ours")


def main() -> int:
    """Measure, print a table, write .reports/bench-s3.json.

    Returns:
        The exit code: 1 when a goal was missed.
    """
    root = repository_root()
    rounds: list[dict[str, dict[str, list[float]]]] = []
    with tempfile.TemporaryDirectory() as name:
        _fill(Path(name) / "data-lake")
        with _served(root, Path(name)) as url:
            for number in range(PAIRS):
                with step(f"round {number + 1} of {PAIRS}: boto3, ours"):
                    rounds.append({way: _measure(way, url) for way in WAYS})
    columns = f"{len(WANTED)} of {COLUMNS} columns"
    results = [
        _goal(rounds, "G11", "16 kB objects one after another", "sequential", 0, "us a request", 4.5),
        _goal(rounds, "G11", "16 kB objects, 16 at a time", "sixteen", 0, "us a request", 4.5),
        _goal(rounds, "G11", "CPU time, one after another", "sequential", 1, "CPU us a request", 5),
        _goal(rounds, "G11", "CPU time, 16 at a time", "sixteen", 1, "CPU us a request", 5),
        _goal(rounds, "G12", f"{columns} of {FILES} Parquet files in one frame", "pandas", 0, "us a file", 5),
        _goal(rounds, "G12", "the same of Polars", "polars", 0, "us a file", 5),
        _goal(rounds, "G12", f"{columns} of one file", "pandas of one", 0, "us a file", 5),
        _goal(rounds, "G12", "the same of Polars", "polars of one", 0, "us a file", 5),
    ]
    print(report.table(results))
    details = {"microseconds by the clock and of CPU, a request or a file": rounds}
    print(report.write(root, "s3", results, details))
    return 0 if all(one.met for one in results) else 1


def _goal(
    rounds: list[dict[str, dict[str, list[float]]]], id_: str, what: str, kind: str, which: int, unit: str, least: float
) -> report.Measured:
    pairs = [(one["boto3"][kind][which], one["ours"][kind][which]) for one in rounds]
    return report.paired(id_, what, pairs, unit, least)


def _fill(bucket: Path) -> None:
    (bucket / FOLDER).mkdir(parents=True)
    random = np.random.default_rng(7)
    for number in range(SMALL):
        (bucket / f"small-{number}").write_bytes(random.bytes(SMALL_BYTES))
    for number in range(FILES):
        columns = {f"c{each}": random.random(ROWS) for each in range(COLUMNS)}
        pq.write_table(pa.table(columns), bucket / FOLDER / f"{number}.parquet", compression="zstd")


@contextmanager
def _served(root: Path, folder: Path) -> Iterator[str]:
    """Serve a folder on loopback: the file server of Go's library, which is no yardstick's bottleneck."""
    program = build(GoTool("bench-files", "v2", ".", root / "bench" / "files"))
    with subprocess.Popen([program, folder], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()


def _measure(way: str, url: str) -> dict[str, list[float]]:
    keys = {"S3_ENDPOINT_URL": url, "S3_ACCESS_KEY_ID": "bench", "S3_SECRET_ACCESS_KEY": "bench", "S3_REGION": "x"}
    told = run([sys.executable, "-m", "bench.s3_reader", way], env={**keys, "NO_PROXY": "*"}).stdout
    measured: dict[str, list[float]] = json.loads(told)
    return measured


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        sys.exit(f"error: {error}")
