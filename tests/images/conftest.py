"""Fixtures of the image checks."""

from collections.abc import Callable, Iterator

import pytest

from tests.images.containers import Runner


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """What runs programs in images."""
    runner = Runner(tmp_path_factory.mktemp("bundles"))
    yield runner
    runner.close()


@pytest.fixture
def printed(runner: Runner) -> Callable[..., str]:
    """A function that runs a program in an image, insists on its success and returns what it printed."""

    def run(name: str, *command: str, uid: int | None = None) -> str:
        done = runner.run(name, *command, uid=uid)
        assert done.returncode == 0, f"{name}: {' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout

    return run
