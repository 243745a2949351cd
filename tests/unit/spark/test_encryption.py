"""What a driver and its executors say to each other: nobody reads it, and nobody without the session's secret joins."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pyspark import __version__

from dataops.spark.conf import _encryption
from tests.unit.spark import spoken


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A function that runs the program with options and returns what it found."""

    def running(options: dict[str, str]) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("spoken")
        command: list[str | Path] = [sys.executable, spoken.__file__, folder, json.dumps(options)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr[-3000:]
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    return running


def test_without_encryption_it_can_be_read(run: Any) -> None:
    """The control: what is searched for is there to be found."""
    found = run({})
    assert found["rows"] == 1000 and found["canary"] > 0


def test_with_our_options_nothing_can_be_read_and_no_stranger_joins(run: Any) -> None:
    found = run({**_encryption(__version__), "spark.authenticate.secret": spoken.SECRET})
    assert found["rows"] == 1000 and found["bytes"] > 10_000
    assert found["canary"] == 0
    assert found["executors"] == 2
    nameless, guessing = found["strangers"]
    assert nameless.startswith("1 ") and "Expected SaslMessage, received something else" in nameless
    assert guessing.startswith("1 ") and "Exception while bootstrapping client" in guessing
