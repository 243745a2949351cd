"""Pods that tests make: they run a program of the folder `inside`, and are gone when the test is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from kubernetes.client.exceptions import ApiException

from dataops.platform.smoke.context import Context
from dataops.platform.smoke.pods import RESULT

INSIDE = Path(__file__).parent / "inside"
Found = TypeVar("Found")


def program(name: str) -> list[str]:
    """The command that runs a program of the folder `inside`."""
    return ["python", "-c", (INSIDE / f"{name}.py").read_text(encoding="utf-8")]


def until(look: Callable[[], Found | None], seconds: float, otherwise: str) -> Found:
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"{otherwise} after {seconds:.0f} s"
        time.sleep(0.5)
    return found


@contextmanager
def running(platform: Context, namespace: str, pod: dict[str, Any]) -> Iterator[Any]:
    """A pod that exists while the block runs."""
    made = platform.cluster.core.create_namespaced_pod(namespace, pod)
    try:
        yield made
    finally:
        try:
            platform.cluster.core.delete_namespaced_pod(made.metadata.name, namespace, grace_period_seconds=0)
        except ApiException as error:
            if error.status != 404:
                raise


def result(platform: Context, namespace: str, pod: dict[str, Any], seconds: float = 120) -> dict[str, Any]:
    """Run a pod to its end and return what its program printed as its result."""
    core = platform.cluster.core
    with running(platform, namespace, pod) as made:
        name = made.metadata.name
        phase = until(lambda: ended(core.read_namespaced_pod(name, namespace)), seconds, f"pod {name} has not ended")
        log = str(core.read_namespaced_pod_log(name, namespace))
    lines = [line.removeprefix(RESULT) for line in log.splitlines() if line.startswith(RESULT)]
    assert phase == "Succeeded" and lines, log[-2000:]
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def ended(pod: Any) -> str | None:
    """How a pod ended; nothing while it runs."""
    return str(pod.status.phase) if pod.status.phase in ("Succeeded", "Failed") else None
