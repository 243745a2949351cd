"""What the platform at a site looks like at one moment: releases, servers, pods, keys and what people left there."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from dataops.platform import helm
from dataops.platform.smoke.context import Context
from tests.e2e.needles import RELEASE
from tests.e2e_full.sentinels import Sentinels

REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True)
class Moment:
    """One moment.

    Attributes:
        versions: The version of each release's chart.
        revisions: How many kinds of pods each server has had.
        restarts: How often containers of each pod were started again.
        keys: A hash of each Secret.
        found: What people left, by its place.
    """

    versions: dict[str, str]
    revisions: dict[str, int]
    restarts: dict[str, int]
    keys: dict[str, str]
    found: dict[str, Any]


def moment(platform: Context, sentinels: Sentinels) -> Moment:
    """The present one."""
    return Moment(versions(platform), revisions(platform), restarts(platform), keys(platform), sentinels.found())


def versions(platform: Context) -> dict[str, str]:
    """The version of each release's chart."""
    return {name: one.version for name, one in helm.releases(platform.cluster, platform.environment).items()}


def revisions(platform: Context) -> dict[str, int]:
    """How many kinds of pods each server has had, as its Deployment counts them."""
    servers = platform.cluster.apps.list_namespaced_deployment(platform.environment.servers).items
    return {one.metadata.name: int(one.metadata.annotations[REVISION]) for one in servers}


def restarts(platform: Context) -> dict[str, int]:
    """How often containers of each pod were started again."""
    pods = [pod for name in _namespaces(platform) for pod in platform.cluster.core.list_namespaced_pod(name).items]
    return {pod.metadata.name: sum(one.restart_count for one in pod.status.container_statuses or []) for pod in pods}


def keys(platform: Context) -> dict[str, str]:
    """A hash of each Secret, those in which Helm keeps its records left out."""
    return {
        f"{namespace}/{one.metadata.name}": sha256(repr(sorted((one.data or {}).items())).encode()).hexdigest()
        for namespace in _namespaces(platform)
        for one in platform.cluster.core.list_namespaced_secret(namespace).items
        if one.type != RELEASE
    }


def _namespaces(platform: Context) -> list[str]:
    return list(dict.fromkeys(platform.environment.namespaces.values()))
