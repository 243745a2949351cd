"""`make bench-engine`: the sample pipeline's silver and gold as a whole process, cold, on one machine and on Spark."""

import resource
import subprocess
import sys
import time
from pathlib import Path

from bench import report
from dataops.errors import UserError
from dataops.platform.paths import repository_root
from dataops.platform.process import run, step

PAIRS = 5
PROGRAM = """
import sys
from bench.engines import opened
from jobs import flights_gold, flights_silver
from jobs._delivery import COLUMNS, rows_of
from jobs._frames import delivered_frame
from jobs.flights_bronze import delivered_files, package_folder

files = delivered_files(package_folder())
def frame(session, job):
    return delivered_frame(session, rows_of(job.FILE, files[job.FILE]), COLUMNS[job.FILE])

with opened(sys.argv[1]) as session:
    cleaned = flights_silver.transform(frame(session, flights_silver)).persist()
    accepted = flights_silver.accepted(cleaned)
    delays = flights_gold.transform(accepted, flights_gold.weather(frame(session, flights_gold))).toPandas()
print(int(delays["flights"].sum()))
"""


def main() -> int:
    """Measure, print a table, write .reports/bench-engine.json.

    Returns:
        The exit code: 1 when the goal was missed.
    """
    # images hold bytecode, so both sides have it here, too
    run([sys.executable, "-m", "compileall", "-q", Path(sys.prefix) / "lib", "src", "jobs", "bench"], check=False)
    pairs = []
    for number in range(PAIRS):
        with step(f"silver and gold on each engine, {number + 1} of {PAIRS}"):
            pairs.append({engine: _measure(engine) for engine in ("spark", "single")})
    results = [
        report.paired("G13", what, [(one["spark"][place], one["single"][place]) for one in pairs], unit, 7)
        for place, (what, unit) in enumerate((("by the clock", "s"), ("in CPU", "CPU s")))
    ]
    print(report.table(results))
    print(report.write(repository_root(), "engine", results, {"seconds by the clock and of CPU": pairs}))
    return 0 if all(one.met for one in results) else 1


def _measure(engine: str) -> tuple[float, float]:
    before, begin = _cpu(), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", PROGRAM, engine], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begin
    if done.returncode or done.stdout.split() != ["336776"]:
        raise UserError(f"the pipeline failed on {engine}: {(done.stderr.strip().splitlines() or [done.stdout])[-1]}")
    return seconds, _cpu() - before


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        sys.exit(f"error: {error}")
