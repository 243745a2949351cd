"""`make bench-tpch`: TPC-H on the platform's engines and on others, in turn, with equal answers (SCALE=1)."""

import json
import subprocess
import sys
from pathlib import Path

from bench import report
from bench.tpch_engines import OTHERS, OURS
from dataops.config import variable
from dataops.engine import choose
from dataops.errors import UserError
from dataops.platform.paths import cache_dir, repository_root
from dataops.platform.process import step

ROUNDS = 3
ENGINES = (*OURS, *OTHERS)
MOST_TOTAL, MOST_QUERY = 1.3, 3.0
# A process of its own for each engine: every query once, its seconds, and its answer for the comparison.
PROGRAM = """
import json, sys, time
from pathlib import Path
from bench.tpch_engines import QUERIES, answering

data, name, answers = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
seconds = {}
with answering(name, data) as answer:
    for query in (one.__name__ for one in QUERIES):
        begin = time.perf_counter()
        rows = answer(query)
        seconds[query] = time.perf_counter() - begin
        rows.to_pickle(answers / f"{name}-{query}.pickle")
print(json.dumps(seconds))
"""


def main() -> int:
    """Measure, print a table, write .reports/bench-tpch.json.

    Returns:
        The exit code: 1 when a bar was missed or answers differ.
    """
    scale = variable("SCALE") or "1"
    data = cache_dir() / f"tpch-{scale}"
    if not (data / "supplier.parquet").exists():
        with step(f"make TPC-H's tables at scale {scale}"):
            program = Path(sys.executable).parent / "tpchgen-cli"
            subprocess.run([program, "parquet", "-s", scale, "--output-dir", data, "--quiet"], check=True)
    size = sum(file.stat().st_size for file in data.iterdir())
    rounds = []
    for number in range(ROUNDS):
        with step(f"TPC-H at scale {scale} on each engine, {number + 1} of {ROUNDS}"):
            rounds.append({engine: _measure(data, engine) for engine in ENGINES})
    best = {
        engine: {query: min(one[engine][query] for one in rounds) for query in rounds[0][engine]} for engine in ENGINES
    }
    chosen = choose(size)
    print(_side_by_side(best))
    print(f"{size} bytes: {chosen.engine}, because {chosen.reason}")
    totals = {engine: sum(best[engine].values()) for engine in ENGINES}
    ratio = totals[chosen.engine] / min(totals.values())
    ratios = {query: best[chosen.engine][query] / min(best[each][query] for each in ENGINES) for query in best["spark"]}
    worst = max(ratios, key=lambda query: ratios[query])
    pairs = [(sum(one["spark"].values()), sum(one["single"].values())) for one in rounds]
    queries = len(best["spark"])
    results = [
        report.paired("TPC-H", f"all queries at scale {scale}: Spark beside one machine", pairs, "s", 1),
        report.counted("TPC-H", "queries whose answers are equal", queries, _equal(data, best), queries),
    ]
    print(report.table(results))
    details = {"scale": scale, "bytes": size, "seconds": best, "chosen": chosen.engine, "total": ratio, "worst": ratios}
    print(report.write(repository_root(), "tpch", results, details))
    print(
        f"the chosen engine's total is {ratio:.2f}x the best; its worst query is {worst}, {ratios[worst]:.2f}x its best"
    )
    return 0 if ratio <= MOST_TOTAL and ratios[worst] <= MOST_QUERY and results[1].met else 1


def _measure(data: Path, engine: str) -> dict[str, float]:
    answers = data.parent / f"{data.name}-answers"
    answers.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, data, engine, answers], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise UserError(f"TPC-H failed on {engine}: {done.stderr.strip().splitlines()[-1]}")
    seconds: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return seconds


def _equal(data: Path, best: dict[str, dict[str, float]]) -> int:
    import pandas as pd

    equal = 0
    for query in best["spark"]:
        rows = {each: pd.read_pickle(data.parent / f"{data.name}-answers/{each}-{query}.pickle") for each in ENGINES}
        try:
            for each in ENGINES:
                pd.testing.assert_frame_equal(rows[each], rows["spark"], check_dtype=False, rtol=1e-9, atol=0)
            equal += 1
        except AssertionError as error:
            print(f"{query} differs on {each}: {error}")
    return equal


def _side_by_side(best: dict[str, dict[str, float]]) -> str:
    lines = [[query, *(f"{best[each][query]:.2f}" for each in ENGINES)] for query in best["spark"]]
    lines.append(["all", *(f"{sum(best[each].values()):.2f}" for each in ENGINES)])
    head = [["query", *(f"{each}, s" for each in ENGINES)], ["---"] * (1 + len(ENGINES))]
    return "\n".join(f"| {' | '.join(line)} |" for line in [*head, *lines])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        sys.exit(f"error: {error}")
