"""Programs that people and jobs run: each in a process of its own, as a kernel and a pod are."""

import os
import subprocess
import sys
from pathlib import Path

from dataops.platform.paths import repository_root

ROOT = repository_root()
PATIENCE_SECONDS = 120


def start(environment: dict[str, str], code: str, folder: Path) -> "subprocess.Popen[str]":
    """Start a Python program with nothing of ours in its environment but what is named."""
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder), "MLFLOW_DISABLE_TELEMETRY": "true"}
    variables |= {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])} | environment
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder, env=variables, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run(environment: dict[str, str], code: str, folder: Path) -> tuple[str, str]:
    """Run a program to its end; return what it printed, and what it said on stderr."""
    return start(environment, code, folder).communicate(timeout=PATIENCE_SECONDS)


def result(environment: dict[str, str], code: str, folder: Path) -> str:
    """Run a program that must print something; return its last line."""
    out, err = run(environment, code, folder)
    lines = [line for line in out.splitlines() if not line.startswith(("🏃", "🧪"))]
    assert lines, err
    return lines[-1]
