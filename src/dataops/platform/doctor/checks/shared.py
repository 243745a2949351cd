"""The folder that people share: its claim is where their servers mount it, and many pods may write it at once."""

from collections.abc import Iterator
from typing import Any

import yaml
from kubernetes.client.exceptions import ApiException

from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok, warning

ORDER = 46
MODE = "ReadWriteMany"
FIX = "an administrator makes it there with ReadWriteMany, or empty user.sharedClaim of charts/jupyterhub"


def check(context: Context) -> Iterator[Finding]:
    """Look at the claim that the hub is told of, in each namespace of people."""
    claim = _settings(context)["user"]["sharedClaim"]
    if not claim:
        yield ok("people have no shared folder: user.sharedClaim of charts/jupyterhub is empty")
        return
    environment = context.environment
    for namespace in environment.own_namespaces.values() or [environment.namespaces["users"]]:
        yield _look(context, claim, namespace)


def _settings(context: Context) -> dict[str, Any]:
    (found,) = (
        yaml.safe_load(one["data"]["settings.yaml"])
        for _, one in context.objects
        if (one["kind"], one["metadata"]["name"]) == ("ConfigMap", "hub")
    )
    return dict(found)


def _look(context: Context, claim: str, namespace: str) -> Finding:
    try:
        found: Any = context.cluster.core.read_namespaced_persistent_volume_claim(claim, namespace)
    except ApiException as refusal:
        if refusal.status != 404:
            raise
        return error(f"claim {claim} does not exist in namespace {namespace}, so no server starts there", FIX)
    if MODE not in found.spec.access_modes:
        modes = ", ".join(found.spec.access_modes)
        return error(f"claim {claim} in namespace {namespace} is {modes}: pods of one node alone can mount it", FIX)
    if found.status.phase != "Bound":
        fix = "where its storage class waits for the first pod that is well, otherwise see the claim's events"
        return warning(f"claim {claim} in namespace {namespace} has no volume yet ({found.status.phase})", fix)
    return ok(f"claim {claim} in namespace {namespace} is there for many pods at once")
