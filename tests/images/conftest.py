"""Fixtures of the image checks."""

import subprocess

import pytest

from dataops.platform.images_engine import choose_engine, exists
from tests.images.containers import REFS, SOCKET, Run, by_containerd, by_engine, unknown_uid


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """All images stand in the engine's storage."""
    missing = [name for name, reference in REFS.items() if not exists(choose_engine(), reference)]
    assert not missing, f"run `make images` first: {', '.join(missing)}"


@pytest.fixture(scope="session")
def run_image(built: None) -> Run:
    """A function that runs a program in an image: unknown uid of group 0, read-only root, no network."""

    def run(name: str, *command: str, uid: int | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        user = f"{unknown_uid() if uid is None else uid}:0"
        words = by_containerd(name, user) if SOCKET.exists() else by_engine(name, user)
        done = subprocess.run([*words, *command], capture_output=True, text=True, timeout=120, check=False)
        assert not check or done.returncode == 0, f"{name} as {user}: {' '.join(command)}\n{done.stdout}{done.stderr}"
        return done

    return run
