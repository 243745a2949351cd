"""Every place of the cluster where a secret could be read by mistake, as texts with the names of their places."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import boto3
from kubernetes.client.exceptions import ApiException

from dataops.platform.smoke.context import Context
from tests.e2e.needles import RELEASE

Texts = Iterator[tuple[str, str]]


def _items(platform: Context, listing: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    for namespace in platform.environment.namespaces.values():
        for item in json.loads(listing(namespace, _preload_content=False).data)["items"]:
            yield f"{namespace}/{item['metadata']['name']}", item


def pods(platform: Context) -> Texts:
    """What `kubectl get pods` shows in full."""
    for name, pod in _items(platform, platform.cluster.core.list_namespaced_pod):
        yield f"pod {name}", json.dumps(pod)


def events(platform: Context) -> Texts:
    """What Kubernetes says about objects."""
    for name, event in _items(platform, platform.cluster.core.list_namespaced_event):
        yield f"event {name}", json.dumps(event)


def config_maps(platform: Context) -> Texts:
    """ConfigMaps with their binary parts."""
    for name, found in _items(platform, platform.cluster.core.list_namespaced_config_map):
        yield f"ConfigMap {name}", json.dumps(found)


def releases(platform: Context) -> Texts:
    """What Helm remembers: charts, values and manifests."""
    for name, secret in _items(platform, platform.cluster.core.list_namespaced_secret):
        if secret["type"] == RELEASE:
            yield f"release {name}", gzip.decompress(b64decode(b64decode(secret["data"]["release"]))).decode()


def command_lines(platform: Context) -> Texts:
    """What `ps` shows; on this machine's cluster the pods' processes are processes of the machine."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            yield f"command line of process {path.name}", (path / "cmdline").read_text(errors="replace")
        except OSError:
            continue  # it has just ended


def logs(platform: Context) -> Texts:
    """The log of each container, and of the one before it."""
    core = platform.cluster.core
    for name, pod in _items(platform, core.list_namespaced_pod):
        containers = [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
        for container, previous in product([one["name"] for one in containers], (False, True)):
            try:
                log = core.read_namespaced_pod_log(
                    pod["metadata"]["name"],
                    pod["metadata"]["namespace"],
                    container=container,
                    previous=previous,
                    _preload_content=False,
                )
            except ApiException as error:
                if error.status not in (400, 404):
                    raise
                continue  # there is none, or none any more
            yield f"log of {name}/{container}", log.data.decode(errors="replace")


def stored(platform: Context) -> Texts:
    """Event logs of Spark and logs of tasks as they lie in the store."""
    trust = platform.cluster.config_map(platform.environment.servers, "dataops-ca").data["ca-bundle.crt"]
    with NamedTemporaryFile("w", suffix=".crt") as bundle:
        bundle.write(trust)
        bundle.flush()
        s3 = boto3.client(
            "s3",
            endpoint_url=f"https://localhost:{platform.environment.get('nodePorts.s3')}",
            region_name=platform.environment.get("s3.region"),
            aws_access_key_id=platform.secret("s3-root", "root-user"),
            aws_secret_access_key=platform.secret("s3-root", "root-password"),
            verify=bundle.name,
        )
        for bucket, prefix in (("data-lake", "spark-events/"), ("dataops-platform", "airflow-logs/")):
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for one in page.get("Contents", []):
                    body = s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
                    yield f"s3a://{bucket}/{one['Key']}", body.decode(errors="replace")
