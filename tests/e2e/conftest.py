"""What the end-to-end tests share: the platform, deployed once for all of them."""

import pytest

from tests.e2e.verbs import make


@pytest.fixture(scope="session")
def deployed() -> str:
    """The platform, installed by one command that ends with its smoke run; its output."""
    done = make("deploy", SMOKE="always")
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout
