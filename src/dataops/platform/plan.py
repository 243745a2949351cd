"""What a deploy would change: each chart as it would be rendered, beside what Helm recorded last."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataops.platform import helm, trust, wait
from dataops.platform.charts import Chart
from dataops.platform.environment import Environment
from dataops.platform.images import image_refs
from dataops.platform.kube import Cluster


@dataclass(frozen=True)
class Plan:
    """One chart's part of a deploy.

    Attributes:
        chart: The chart.
        values: What is filled in under `global:`.
        manifest: The objects as they would be installed.
        changes: One line per object that differs; empty when there is nothing to do.
    """

    chart: Chart
    values: dict[str, Any]
    manifest: helm.Manifest
    changes: list[str]


def image_tags(root: Path) -> dict[str, str]:
    """The tag of every image as the checkout stands."""
    return {name: reference.rpartition(":")[2] for name, reference in image_refs(root).items()}


def make_plan(
    cluster: Cluster,
    chart: Chart,
    environment: Environment,
    tags: dict[str, str],
    releases: dict[str, helm.Release],
) -> Plan:
    """Compare a chart with its last release, by objects, images and the Secrets they name.

    Args:
        cluster: The cluster.
        chart: The chart.
        environment: The place.
        tags: The images' tags.
        releases: What Helm recorded.

    Returns:
        The plan.
    """
    draft = helm.parse(helm.template(chart, environment, {"tags": tags, "checksum": ""}))
    values = {"tags": tags, "checksum": _checksum(cluster, draft, environment)}
    manifest = helm.parse(helm.template(chart, environment, values))
    release = releases.get(chart.name)
    existing = helm.installed(cluster, chart.name, environment) if release else []
    changes = helm.difference(manifest, existing)
    if release and release.status != "deployed":
        changes.append(f"~ the last attempt ended as {release.status}")
    if release:
        gone = wait.missing(cluster, wait.workloads(manifest, environment.servers))
        changes += [f"+ {one} was deleted" for one in gone]
    return Plan(chart, values, manifest, changes)


def _checksum(cluster: Cluster, manifest: helm.Manifest, environment: Environment) -> str:
    """One hash over the Secrets that a chart's objects name and over the CA."""
    digest = hashlib.sha256()
    for name in sorted(_secret_names(manifest)):
        data = cluster.secret(environment.servers, name) or {}
        digest.update(repr((name, sorted(data.items()))).encode())
    authority = cluster.config_map(environment.servers, trust.NAME)
    digest.update(repr(authority and (authority.metadata.annotations or {}).get(trust.INPUT)).encode())
    return digest.hexdigest()[:16]


def _secret_names(node: Any) -> set[str]:
    if isinstance(node, list):
        return {name for item in node for name in _secret_names(item)}
    if not isinstance(node, dict):
        return set()
    found = {name for item in node.values() for name in _secret_names(item)}
    for field, key in (("secretRef", "name"), ("secretKeyRef", "name"), ("secret", "secretName"), ("secret", "name")):
        reference = node.get(field)
        if isinstance(reference, dict) and isinstance(reference.get(key), str):
            found.add(reference[key])
    return found
