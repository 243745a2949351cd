"""`make bench-publish`: publishing with its audit beside a plain Parquet write of the same rows, on real services.

`.venv/bin/python -m bench.publish 100` measures with 100 MB instead of 1 GB.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace

from bench import report
from dataops.errors import UserError
from dataops.platform.images.builder import build
from dataops.platform.paths import repository_root
from dataops.platform.process import step
from tests.integration.sparks import make_catalog, run_in_spark, served

MEGABYTES, ROUNDS = 1000, 3
MOST = {"without": 1.25, "with": 2.0}


def main(arguments: Sequence[str]) -> int:
    """Measure, print a table, write .reports/bench-publish.json.

    Args:
        arguments: How many megabytes, or nothing.

    Returns:
        The exit code: 1 when a goal was missed.
    """
    megabytes = int(arguments[0]) if arguments else MEGABYTES
    root = repository_root()
    images = build(root, ["postgres", "minio", "spark"])
    with served(images) as services:
        make_catalog(services)
        with step(f"{ROUNDS} rounds of {megabytes} MB: plain, published, published with uniqueness"):
            program = ("-m", "bench.publish_rounds", str(megabytes), str(ROUNDS))
            out = run_in_spark(services, images["spark"], "job", *program, patience=3600)
    found = json.loads(out.splitlines()[-1])
    results = [_goal(way, most, found["rounds"]) for way, most in MOST.items()]
    print(report.table(results))
    print(report.write(root, "publish", results, found))
    return 0 if all(one.met for one in results) else 1


def _goal(way: str, most: float, rounds: Sequence[dict[str, float]]) -> report.Measured:
    what = f"seconds of a plain write and of publishing {way} a uniqueness check"
    pairs = [(one["plain"], one[way]) for one in rounds]
    return replace(report.paired("publishing", what, pairs, "s", 1 / most), bar=f"<= {most:g}x of the plain write")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UserError as error:
        sys.exit(f"error: {error}")
