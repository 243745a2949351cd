"""What the end-to-end tests share: the platform, deployed once for all of them."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def deployed() -> str:
    """The platform, installed by one command that ends with its smoke run; its output."""
    environment = {**os.environ, "ENV": "local", "SMOKE": "always"}
    command = ["make", "deploy"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout
