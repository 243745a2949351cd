"""Starts one MLflow server for all these tests, and reads its route tables."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mlflow.server import PYTHON, Server, environment, served


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that starts empty and keeps what tests make."""
    with served(tmp_path_factory.mktemp("mlflow")) as made:
        yield made


@pytest.fixture(scope="session")
def routes(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What decides about each route that changes something, as the server's own code says."""
    apart = Server(server.url, tmp_path_factory.mktemp("routes"))
    variables = environment(apart) | {"_MLFLOW_SGI_NAME": "uvicorn"}
    program = Path(__file__).with_name("routes.py")
    done = subprocess.run([PYTHON, program], env=variables, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    assert len(found) > 300, f"only {len(found)} routes change something: is the table read as a whole?"
    return found
