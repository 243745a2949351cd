"""Pods that stand in for each kind of pods: some listen on every port, others try to reach them and real servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from dataops.platform.smoke.context import Context
from dataops.platform.smoke.pods import RESULT
from tests.e2e import pods
from tests.e2e.inside.reach import OPEN, SILENT
from tests.matrix import End

Cell = tuple[str, str]
"""Who sends, and to whom on which port."""
Target = tuple[str, str, int]
"""What a cell calls it, its host, its port."""
STARTED_SECONDS, DONE_SECONDS = 180, 240


def probe(platform: Context, end: End, program: str, *arguments: str) -> dict[str, Any]:
    """A pod with the labels of a kind. It is never ready, so that no Service sends anybody to it."""
    container = {
        "name": "probe",
        "image": platform.job_image,
        "imagePullPolicy": "IfNotPresent",
        "command": [*pods.program(program), *arguments],
        "readinessProbe": {"tcpSocket": {"port": 1}, "periodSeconds": 60},
        "resources": {"requests": {"cpu": "1m", "memory": "16Mi"}, "limits": {"cpu": "150m", "memory": "64Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    return {
        "metadata": {"generateName": "e2e-network-", "labels": end.labels},
        "spec": {
            "restartPolicy": "Never",
            "activeDeadlineSeconds": 900,
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "imagePullSecrets": platform.environment.values.get("imagePullSecrets", []),
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
        },
    }


@contextmanager
def listening(platform: Context, ends: list[End], ports: list[int]) -> Iterator[dict[str, str]]:
    """Pods of these kinds listen on these ports while the block runs: their addresses by the names of the ends."""
    with ExitStack() as stack:
        made = [probe(platform, end, "listen", *map(str, ports)) for end in ends]
        started = [stack.enter_context(pods.running(platform, e.namespace, m)) for e, m in zip(ends, made, strict=True)]
        looks = [partial(_address, platform, pod.metadata) for pod in started]
        found = [pods.until(look, STARTED_SECONDS, "a probe does not listen") for look in looks]
        yield {end.name: address for end, address in zip(ends, found, strict=True)}


def _address(platform: Context, pod: Any) -> str | None:
    now = platform.cluster.core.read_namespaced_pod(pod.name, pod.namespace)
    assert now.status.phase in ("Pending", "Running"), f"{pod.name} is {now.status.phase}"
    ready = now.status.phase == "Running" and "LISTENING" in _log(platform, pod)
    return str(now.status.pod_ip) if ready else None


def reached(platform: Context, targets: dict[End, list[Target]]) -> dict[Cell, str]:
    """What came of each sender's targets, tried by pods of its kind, all of them at the same time."""
    seen: dict[Cell, str] = {}
    with ExitStack() as stack:
        started = {}
        for end, wanted in targets.items():
            made = probe(platform, end, "reach", json.dumps(wanted))
            started[end] = stack.enter_context(pods.running(platform, end.namespace, made))
        for end, pod in started.items():
            look = partial(_result, platform, pod.metadata)
            seen |= {(end.name, to): word for to, word in pods.until(look, DONE_SECONDS, "a probe runs on").items()}
    return seen


def _result(platform: Context, pod: Any) -> dict[str, str] | None:
    if not pods.ended(platform.cluster.core.read_namespaced_pod(pod.name, pod.namespace)):
        return None
    said = _log(platform, pod)
    lines = [line.removeprefix(RESULT) for line in said.splitlines() if line.startswith(RESULT)]
    assert lines, said[-2000:]
    found: dict[str, str] = json.loads(lines[-1])
    return found


def _log(platform: Context, pod: Any) -> str:
    return str(platform.cluster.core.read_namespaced_pod_log(pod.name, pod.namespace))


def differences(wanted: dict[Cell, bool], seen: dict[Cell, str]) -> list[str]:
    """Cells that are not as they should be: an open one connects, any other hears nothing, not even a refusal."""
    found = []
    for cell in sorted(wanted.keys() | seen.keys()):
        should = {True: OPEN, False: SILENT, None: "not tried"}[wanted.get(cell)]
        word = seen.get(cell, "not tried")
        if word != should:
            found.append(f"{cell[0]} -> {cell[1]}: {word}, should be {should}")
    return found
