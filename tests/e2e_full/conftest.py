"""What the long end-to-end tests share: the platform on a node held to 8 GiB."""

import pytest

from dataops.cli.place import place
from dataops.platform.smoke.context import Context
from tests.e2e.verbs import make

MEMORY = "8Gi"


@pytest.fixture(scope="session")
def context() -> Context:
    """The platform, deployed and proven by one command on a node of that size."""
    done = make("deploy", SMOKE="always", NODE_MEMORY=MEMORY)
    assert done.returncode == 0, done.stdout[-3000:]
    here = place("local")
    return Context(here.root, here.cluster(), here.environment)
