"""The quotas: each namespace has one, and everything a deploy puts there fits in."""

from collections.abc import Iterator
from typing import Any

from dataops.platform.doctor import amounts
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok, warning

ORDER = 40


def check(context: Context) -> Iterator[Finding]:
    """Add up what would be installed and compare it with what may be."""
    for namespace in context.namespaces:
        quotas = context.cluster.core.list_namespaced_resource_quota(namespace).items
        # one with a scope counts some pods only
        plain = [one for one in quotas if not one.spec.scopes and not one.spec.scope_selector]
        if plain:
            yield from _compare(context, namespace, plain)
        elif not context.environment.local or context.deployed:
            yield warning(
                f"namespace {namespace} has no ResourceQuota, so a runaway job takes the whole cluster",
                "an administrator fits bootstrap.yaml to the cluster and applies it",
            )


def _compare(context: Context, namespace: str, quotas: list[Any]) -> Iterator[Finding]:
    needed = amounts.needed([one for place, one in context.objects if place == namespace])
    installed = bool(context.releases)
    short = []
    for quota in quotas:
        used = (quota.status.used if quota.status else None) or {}
        for name, text in (quota.spec.hard or {}).items():
            # once the platform runs, what is used is mostly its own
            free = amounts.parse(text) - (0 if installed else amounts.parse(used.get(name, "0")))
            wanted = needed.get(amounts.plain(name), amounts.parse("0"))
            if wanted > free:
                short.append(
                    f"{name} by {amounts.show(name, wanted - free)} (needs {amounts.show(name, wanted)},"
                    f" {quota.metadata.name} leaves {amounts.show(name, free)})"
                )
    if short:
        yield error(
            f"namespace {namespace} is short of {'; '.join(short)}",
            "an administrator raises the ResourceQuota, or ask for less in the charts' values",
        )
    else:
        pods = int(needed["pods"])
        yield ok(f"what a deploy puts into {namespace} ({pods} pod(s)) fits its quota")
