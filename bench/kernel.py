"""`make bench-kernel`: our kernel beside a bare one and the usual one, by pairs of starts."""

import ast
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path

from bench import kernels, report
from bench.report import Measured
from dataops.config import export
from dataops.errors import UserError
from dataops.platform.paths import repository_root
from dataops.platform.process import run, step
from dataops.spark.java import ensure_java

PAIRS = 5
NAMES = "spark, mlflow, sql, lake, read_s3_parquet, write_s3_parquet, show_sample"
OURS = f"[{NAMES}] and None"
HEAVY = ("pyspark", "mlflow", "pandas")
LOADED = f"[name for name in {HEAVY} if name in __import__('sys').modules]"
RESULT = "spark.range(10).count()"


def main() -> int:
    """Measure, print a table, write .reports/bench-kernel.json.

    Returns:
        The exit code: 1 when a goal was missed.
    """
    root = repository_root()
    ensure_java()
    export(SPARK_MASTER_URL="local[*]", S3_ENDPOINT_URL="", LAKE_CATALOG_URI="")
    rounds: list[dict[str, kernels.Cells]] = []
    startups = {
        "bare": None,
        "naive": root / "bench" / "kernel_naive" / "startup.py",
        "ours": root / "notebooks-kernel" / "startup.py",
    }
    with kernels.specs(startups) as kinds, _spark_of_the_image(root) as home:
        export(SPARK_HOME=str(home))
        for number in range(PAIRS):
            with step(f"round {number + 1} of {PAIRS}: bare, naive, ours by itself, ours with a warm JVM"):
                one = {"bare": kernels.run(kinds, "bare", "None", "None")}
                one["naive"] = kernels.run(kinds, "naive", "[spark, mlflow] and None", RESULT)
                one["cold"] = kernels.run(kinds, "ours", OURS, RESULT)
                with kernels.spare(os.getpid()):
                    one["warm"] = kernels.run(kinds, "ours", OURS, RESULT)
                rounds.append(one)
        loaded = ast.literal_eval(kernels.run(kinds, "ours", OURS, LOADED).shown)
    results = _goals(rounds, loaded)
    print(report.table(results))
    details = [{name: asdict(cells) for name, cells in one.items()} for one in rounds]
    print(report.write(root, "kernel", results, details))
    return 0 if all(one.met for one in results) else 1


@contextmanager
def _spark_of_the_image(root: Path) -> Iterator[Path]:
    """Yield a folder with this machine's Spark and, beside its jars, the archive of classes of the image's build.

    The usual kernel starts from the same folder and, as everywhere, does not know the archive.
    """
    package = find_spec("pyspark")
    assert package and package.origin
    with tempfile.TemporaryDirectory() as folder:
        for path in Path(package.origin).parent.iterdir():
            (Path(folder) / path.name).symlink_to(path)
        with step("archive the classes that Spark starts with, as the image's build does"):
            program = root / "images" / "spark" / "build" / "archive_classes.py"
            run([sys.executable, str(program)], env={"SPARK_HOME": folder, "SPARK_LOCAL_IP": "127.0.0.1"})
        yield Path(folder)


def _goals(rounds: list[dict[str, kernels.Cells]], loaded: list[str]) -> list[Measured]:
    bare = report.paired(
        "G4",
        "first cell: a bare kernel, ours",
        [(one["bare"].first, one["cold"].first) for one in rounds],
        "s",
        1 / 1.25,
    )
    return [
        replace(bare, bar="<= 1.25x a bare one"),
        report.paired(
            "G4", "first cell with all names bound", [(one["naive"].first, one["cold"].first) for one in rounds], "s", 8
        ),
        report.counted("G4", "not loaded at the first cell", len(HEAVY), len(HEAVY) - len(loaded), len(HEAVY)),
        report.paired(
            "G5",
            "first Spark result, warm JVM",
            [(one["naive"].second, one["warm"].second) for one in rounds],
            "s",
            8,
        ),
        report.paired(
            "G5",
            "first Spark result, no warm JVM",
            [(one["naive"].second, one["cold"].second) for one in rounds],
            "s",
            2.5,
        ),
    ]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        sys.exit(f"error: {error}")
