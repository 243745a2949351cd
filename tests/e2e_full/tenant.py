"""An emulated OpenShift with nothing of the platform yet, and the tenant who deploys to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cluster.openshift import site
from cluster.settings import KUBECONFIG
from dataops.cli.place import place
from dataops.platform.kube import connect
from dataops.platform.smoke.context import Context
from tests.e2e.verbs import ROOT, make


@contextmanager
def openshift() -> Iterator[None]:
    """Have one while the block runs, and no node before and after."""
    assert make("cluster-down").returncode == 0
    assert make("cluster", OPENSHIFT="1").returncode == 0
    yield
    assert make("cluster-down").returncode == 0


@contextmanager
def tenant(facts: Path = site.FACTS) -> Iterator[Context]:
    """Be the administrator of the platform's projects, in this process and in all that it starts.

    Args:
        facts: The facts of the place.

    Yields:
        The place, with all that the platform expects to find there.
    """
    connect(KUBECONFIG).apply((ROOT / "bootstrap.yaml").read_text(encoding="utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(site.TENANT_KUBECONFIG))
        patch.setenv("FACTS", str(facts))
        patch.setenv("REGISTRY_CERT_DIR", str(site.AUTHORITY.parent))
        assert make("secrets", ENV="openshift", FROM=str(site.GIVEN)).returncode == 0
        here = place("openshift")
        yield Context(here.root, here.cluster(), here.environment)
