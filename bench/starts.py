"""Goals that are times: pairs of runs in turn, in CPU seconds because a busy machine leaves those alone."""

import resource
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import report
from dataops.platform.images.lock import find_uv
from dataops.platform.process import run, step
from tests.images.containers import Runner

PAIRS = 5
# what a pod of the KubernetesExecutor imports before a task runs
TASK = "import time, airflow.sdk.execution_time.execute_workload; print(time.process_time())"
NO_BYTECODE = ("env", "PYTHONPYCACHEPREFIX=/nowhere")


def measure(root: Path, versions: Mapping[str, str]) -> list[report.Measured]:
    """Measure an Airflow task's start and an install of dependencies.

    Args:
        root: The repository root.
        versions: The pinned versions.

    Returns:
        One result per goal.
    """
    return [_task_start(), _install(root, versions)]


def _task_start() -> report.Measured:
    """The same image with its bytecode and without, which is what an image has whose packages nobody compiled."""
    with tempfile.TemporaryDirectory() as folder, step(f"start an Airflow task {2 * PAIRS} times"):
        runner = Runner(Path(folder))
        try:
            pairs = [(_seconds(runner, *NO_BYTECODE), _seconds(runner)) for _ in range(PAIRS)]
        finally:
            runner.close()
    return report.paired("G7", "start of an Airflow task's process", pairs, "CPU s", 2.5)


def _seconds(runner: Runner, *before: str) -> float:
    done = runner.run("airflow", *before, "python3", "-c", TASK)
    return float(done.stdout.split()[-1])


def _install(root: Path, versions: Mapping[str, str]) -> report.Measured:
    """The same wheels from the same folder, by pip and as our builds do; both compile them."""
    lock = root / "locks" / f"mlflow-{versions['MLFLOW_VERSION']}.txt"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = folder / "venv" / "bin" / "python"
        run([sys.executable, "-m", "venv", folder / "venv"])
        with step("download the packages of MLflow"):
            get: list[str | Path] = [
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--require-hashes",
                "--dest",
                folder / "wheels",
            ]
            run([python, *get, "--requirement", lock])
        local: list[str | Path] = [
            "--no-index",
            "--find-links",
            folder / "wheels",
            "--require-hashes",
            "--requirement",
            lock,
        ]
        pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-cache-dir", *local]
        uv = [find_uv(versions), "pip", "install", "--quiet", "--no-deps", "--no-cache", "--compile-bytecode", *local]
        pairs = []
        with step(f"install the packages of MLflow {2 * PAIRS} times"):
            for number in range(PAIRS):
                usual = _cpu([*pip, "--target", folder / f"pip-{number}"])
                ours = _cpu([*uv, "--python", python, "--target", folder / f"uv-{number}"])
                pairs.append((usual, ours))
    return report.paired("G15", "install of MLflow's packages, compiled", pairs, "CPU s", 3)


def _cpu(command: Sequence[str | Path]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
