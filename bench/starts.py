"""Goals that are times: pairs of runs in turn, in CPU seconds where the processes do no more than compute."""

import sys
import tempfile
import time
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
    """What a recipe without a cache pays for a lock, and what our builds pay, which keep theirs; both end compiled."""
    lock = root / "locks" / f"mlflow-{versions['MLFLOW_VERSION']}.txt"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = folder / "venv" / "bin" / "python"
        run([sys.executable, "-m", "venv", folder / "venv"])
        wanted: list[str | Path] = ["install", "--quiet", "--no-deps", "--require-hashes", "--requirement", lock]
        pip = [python, "-m", "pip", *wanted, "--no-cache-dir"]
        uv = [
            find_uv(versions),
            "pip",
            *wanted,
            "--python",
            python,
            "--cache-dir",
            folder / "cache",
            "--link-mode=copy",
        ]
        finish = [python, root / "images" / "base" / "build" / "finish_packages.py"]
        pairs = []
        with step(f"install the packages of MLflow {2 * PAIRS} times"):
            run([*uv, "--target", folder / "first"])
            for number in range(PAIRS):
                usual = _wall([*pip, "--target", folder / f"pip-{number}"])
                target = folder / f"uv-{number}"
                ours = _wall([*uv, "--target", target], [*finish, target])
                pairs.append((usual, ours))
    return report.paired("G15", "install of MLflow's packages, compiled", pairs, "s", 3)


def _wall(*commands: Sequence[str | Path]) -> float:
    begin = time.monotonic()
    for command in commands:
        run(command)
    return time.monotonic() - begin
