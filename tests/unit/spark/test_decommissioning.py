"""An executor that must go hands over what it holds: what a shuffle left is not computed anew."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dataops.config import Settings
from dataops.spark.conf import _elastic
from dataops.spark.report import Run, why
from tests.unit.spark import leaving

OURS = {name: value for name, value in _elastic(Settings.model_construct()).items() if "decommission" in name}


def leave(folder: Path, options: dict[str, str]) -> tuple[dict[str, Any], Run]:
    """Run the program; return what it printed and its application."""
    command: list[str | Path] = [sys.executable, leaving.__file__, folder, json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    (log,) = folder.iterdir()
    return json.loads(done.stdout.splitlines()[-1]), why(str(log), Settings.model_construct())[0]


def tasks(run: Run) -> int:
    return sum(len(stage.milliseconds) for stage in run.stages.values())


@pytest.mark.parametrize(("options", "recomputed"), [(OURS, False), ({}, True)], ids=["ours", "control"])
def test_what_a_shuffle_left_outlives_its_executor(tmp_path: Path, options: dict[str, str], recomputed: bool) -> None:
    found, run = leave(tmp_path, options)
    assert found == {"before": 2, "gone": True, "rows": [100_000, 100_000]}
    # eight tasks write, eight read, and eight read once more, some after they have asked the one that is gone
    assert (tasks(run) > 24) is recomputed
