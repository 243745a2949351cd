"""What a deploy would change: each chart as it would be rendered, beside what Helm recorded last."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataops.errors import UserError
from dataops.platform import helm, registry, trust, wait
from dataops.platform.charts import Chart, charts_of
from dataops.platform.environment import Environment
from dataops.platform.images.builder import image_refs
from dataops.platform.kube import Cluster

TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
SERVING_CERTIFICATE = "service.beta.openshift.io/serving-cert-secret-name"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Plan:
    """One chart's part of a deploy.

    Attributes:
        chart: The chart.
        values: What is filled in under `global:`.
        manifest: The objects as they would be installed.
        existing: The objects of the last release.
        changes: One line per object that differs; empty when there is nothing to do.
    """

    chart: Chart
    values: dict[str, Any]
    manifest: helm.Manifest
    existing: helm.Manifest
    changes: list[str]


def image_tags(root: Path, environment: Environment) -> dict[str, str]:
    """What pods name each image by: on ENV=local its tag, elsewhere the digest that the registry holds for its tag.

    A tag is the one that global.tags pins, else TAG, else the hash of what goes into the image as the checkout stands.

    Args:
        root: The repository root.
        environment: The place.

    Returns:
        Tag or digest by image; only images that the place's charts name are looked up.

    Raises:
        UserError: The registry refuses or lacks an image, or a tag is none.
    """
    tags = wanted_tags(root, environment)
    if environment.local:
        return tags
    where = environment.get("registry")
    # an image that no chart names need not be there, as the database and the S3 store of ENV=local
    facts = {"tags": tags, "checksum": ""}
    rendered = "".join(helm.template(chart, environment, facts) for chart in charts_of(root, environment))
    for name, tag in tags.items():
        if not DIGEST.fullmatch(tag) and f"{where}/{name}:{tag}" in rendered:
            tags[name] = _digest(f"{where}/{name}:{tag}")
    return tags


def wanted_tags(root: Path, environment: Environment) -> dict[str, str]:
    """The tags of the checkout, and elsewhere than on ENV=local over them TAG, over that what the environment pins.

    Args:
        root: The repository root.
        environment: The place.

    Returns:
        Tag by image, or the digest that is pinned; no registry is asked.

    Raises:
        UserError: A tag is none.
    """
    tags = {name: reference.rpartition(":")[2] for name, reference in image_refs(root).items()}
    if environment.local:
        return tags
    named, pinned = os.environ.get("TAG"), environment.values.get("tags") or {}
    if named and not TAG.fullmatch(named):
        raise UserError(f"TAG={named} is no tag: name one that every image has, or leave it out")
    for name, tag in pinned.items():
        if name not in tags:
            raise UserError(
                f"{environment.path} pins global.tags.{name}, which is no image: choose from {', '.join(tags)}"
            )
        if not (TAG.fullmatch(tag) or DIGEST.fullmatch(tag)):
            raise UserError(
                f"{environment.path} pins global.tags.{name}: {tag}, which is neither tag nor digest: correct it"
            )
    return {**(dict.fromkeys(tags, named) if named else tags), **pinned}


def _digest(reference: str) -> str:
    found = registry.digest(reference)
    if found is None:
        raise UserError(
            f"{reference} is not in the registry: `make push` brings the images of this checkout, "
            "`make bundle-install` those of a bundle, and TAG= names others"
        )
    return found


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
    if release and release.version != chart.version:
        changes.append(f"~ the chart's version, {release.version} is installed")
    if release:
        gone = wait.missing(cluster, wait.workloads(manifest, environment.servers))
        changes += [f"+ {one} was deleted" for one in gone]
    return Plan(chart, values, manifest, existing, changes)


def _checksum(cluster: Cluster, manifest: helm.Manifest, environment: Environment) -> str:
    """One hash over the Secrets that a chart's objects name and over the CA."""
    digest = hashlib.sha256()
    # what OpenShift makes for a Service is there only after the first deploy, and renewed without us
    made = {(one["metadata"].get("annotations") or {}).get(SERVING_CERTIFICATE) for one in manifest}
    for name in sorted(_secret_names(manifest) - made):
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
