"""What the end-to-end tests share: the platform, deployed once for all of them, and the order they need."""

from pathlib import Path

import pytest

from dataops.platform.environment import load_environment
from dataops.platform.kube import connect
from dataops.platform.smoke.context import Context
from tests.e2e.needles import Needle, needles_of
from tests.e2e.verbs import ROOT, make

FIRST, LAST = "test_cluster.py", ("test_platform.py", "test_openshift.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The node's tests begin without one, the platform's end with its removal, OpenShift's have a node of their own."""
    mine = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    wanted = sorted((items[place] for place in mine), key=lambda item: _place(item.path.name))
    for place, item in zip(mine, wanted, strict=True):
        items[place] = item


def _place(name: str) -> int:
    return -1 if name == FIRST else 1 + LAST.index(name) if name in LAST else 0


@pytest.fixture(scope="session")
def deployed() -> str:
    """The platform, installed by one command that ends with its smoke run; its output."""
    done = make("deploy", SMOKE="always")
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


@pytest.fixture(scope="session")
def platform(deployed: str) -> Context:
    """The platform with its cluster, pages and Secrets, as its own smoke run sees it."""
    return Context(ROOT, connect(ROOT / ".cluster" / "kubeconfig"), load_environment(ROOT, "local"))


@pytest.fixture(scope="session")
def needles(platform: Context) -> list[Needle]:
    """Every secret value of the platform."""
    return needles_of(platform)
