"""`make bench-engine`: the sample pipeline and ten million events as whole cold processes, one machine beside Spark."""

import resource
import subprocess
import sys
import time
from pathlib import Path

from bench import report
from bench.engine_programs import make_events
from dataops.errors import UserError
from dataops.platform.paths import repository_root
from dataops.platform.process import run, step

PAIRS = 5
WHAT = {"sample": "the sample pipeline's silver and gold", "events": "ten million events"}


def main() -> int:
    """Measure, print a table, write .reports/bench-engine.json.

    Returns:
        The exit code: 1 when the goal was missed.
    """
    # images hold bytecode, so both sides have it here, too
    run([sys.executable, "-m", "compileall", "-q", Path(sys.prefix) / "lib", "src", "jobs", "bench"], check=False)
    with step("make ten million events"):
        make_events()
    results, details = [], {}
    for program, what in WHAT.items():
        pairs = []
        for number in range(PAIRS):
            with step(f"{what} on each engine, {number + 1} of {PAIRS}"):
                pairs.append(_pair(program))
        details[program] = pairs
        results += [
            report.paired("G13", f"{what}, {measured}", [(one["spark"][i], one["single"][i]) for one in pairs], unit, 7)
            for i, (measured, unit) in enumerate((("by the clock", "s"), ("in CPU", "CPU s")))
        ]
    print(report.table(results))
    print(report.write(repository_root(), "engine", results, {"seconds by the clock and of CPU": details}))
    return 0 if all(one.met for one in results) else 1


def _pair(program: str) -> dict[str, tuple[float, float]]:
    found = {engine: _measure(program, engine) for engine in ("spark", "single")}
    if found["spark"][2] != found["single"][2]:
        raise UserError(f"{program}: the engines differ: {found['spark'][2]} and {found['single'][2]}")
    return {engine: measured[:2] for engine, measured in found.items()}


def _measure(program: str, engine: str) -> tuple[float, float, str]:
    before, begin = _cpu(), time.perf_counter()
    command = [sys.executable, "-m", "bench.engine_programs", program, engine]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise UserError(f"{program} failed on {engine}: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
    return seconds, _cpu() - before, done.stdout


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        sys.exit(f"error: {error}")
