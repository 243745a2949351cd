"""Who holds the executors of a namespace, as its pods tell: for sessions that wait, and for `dataops spark top`."""

from __future__ import annotations

import json
import ssl
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataops.config import Settings

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
TIMEOUT_SECONDS = 5
_POWERS = {"Mi": 20, "Gi": 30, "Ti": 40}


@dataclass(frozen=True)
class Held:
    """The executors of one application.

    Attributes:
        application: Its id, as in the history server.
        driver: The pod that its driver runs in.
        owner: The person, the task or, where neither is known, the pod.
        running: Executors that run.
        waiting: Executors whose pod found no place yet.
        cores: Of all of them together.
        memory: Bytes that all of them together ask for.
    """

    application: str
    driver: str
    owner: str
    running: int
    waiting: int
    cores: int
    memory: int


def held(pods: Iterable[Mapping[str, Any]]) -> list[Held]:
    """Add up executors by application.

    Args:
        pods: The pods of one namespace as the Kubernetes API lists them.

    Returns:
        One entry per application that has executors, those with the most first.
    """
    listed = list(pods)
    owners = {pod["metadata"]["name"]: owner(pod) for pod in listed}
    found: dict[str, list[Mapping[str, Any]]] = {}
    for pod in listed:
        labels = pod["metadata"].get("labels", {})
        if labels.get("spark-role") == "executor" and pod["status"]["phase"] in ("Pending", "Running"):
            found.setdefault(labels["spark-app-selector"], []).append(pod)
    held = [_sum(application, executors, owners) for application, executors in found.items()]
    return sorted(held, key=lambda one: (-one.running - one.waiting, one.owner))


def owner(pod: Mapping[str, Any]) -> str:
    """Who a driver's pod belongs to: the person JupyterHub names, the task Airflow names, or only its own name."""
    about = pod["metadata"]
    notes, labels = about.get("annotations") or {}, about.get("labels") or {}
    if "dag_id" in labels:
        return f"{labels['dag_id']}/{labels['task_id']}"
    return str(notes.get("hub.jupyter.org/username") or about["name"])


def _sum(application: str, executors: list[Mapping[str, Any]], owners: Mapping[str, str]) -> Held:
    references = executors[0]["metadata"].get("ownerReferences") or [{"name": "?"}]
    driver = str(references[0]["name"])
    containers = [pod["spec"]["containers"][0] for pod in executors]
    running = sum(pod["status"]["phase"] == "Running" for pod in executors)
    return Held(
        application=application,
        driver=driver,
        owner=owners.get(driver, driver),
        running=running,
        waiting=len(executors) - running,
        cores=sum(int(_variable(one, "SPARK_EXECUTOR_CORES")) for one in containers),
        memory=sum(_bytes(one["resources"]["requests"]["memory"]) for one in containers),
    )


def _bytes(amount: str) -> int:
    # Spark asks for whole MiB, which Kubernetes may write with a larger unit
    return int(amount[:-2]) << _POWERS[amount[-2:]]


def _variable(container: Mapping[str, Any], name: str) -> str:
    return next((str(one["value"]) for one in container.get("env", []) if one["name"] == name), "0")


def why_none_came(settings: Settings) -> str:
    """Say who holds the executors of this pod's namespace, for a session that waits for its own.

    Args:
        settings: Where this pod is; its account may list pods there.

    Returns:
        One sentence; it says so when the cluster cannot be asked.
    """
    where = settings.pod_namespace
    try:
        others = [one for one in held(_pods_here(settings)) if one.driver != settings.pod_name and one.running]
    except (OSError, ValueError) as error:
        return f"no executor has come yet, and who holds the others cannot be asked ({error})"
    if not others:
        return f"no executor has come yet although nobody else holds one in {where}: see its quota, or free nodes"
    names = ", ".join(f"{one.owner} {one.running} ({one.cores} cores, {one.memory / 2**30:.1f} GiB)" for one in others)
    return f"no executor has come yet; in {where} others hold: {names}; idle ones go back within five minutes"


def _pods_here(settings: Settings) -> list[Mapping[str, Any]]:
    server = settings.spark_master_url.removeprefix("k8s://")
    question = urllib.request.Request(
        f"{server}/api/v1/namespaces/{settings.pod_namespace}/pods",
        headers={"Authorization": f"Bearer {(ACCOUNT / 'token').read_text(encoding='ascii')}"},
    )
    trust = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    with urllib.request.urlopen(question, timeout=TIMEOUT_SECONDS, context=trust) as answer:
        items: list[Mapping[str, Any]] = json.load(answer)["items"]
    return items
