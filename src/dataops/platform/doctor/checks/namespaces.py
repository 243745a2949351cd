"""The namespaces: each exists, Pod Security watches it, and OpenShift has given it its users, groups and MCS label."""

from collections.abc import Iterator
from typing import Any

from kubernetes.client.exceptions import ApiException

from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok, warning

ORDER = 30
ENFORCE = "pod-security.kubernetes.io/enforce"
ANNOTATIONS = (
    "openshift.io/sa.scc.uid-range",
    "openshift.io/sa.scc.supplemental-groups",
    "openshift.io/sa.scc.mcs",
)


def check(context: Context) -> Iterator[Finding]:
    """Look at each namespace's own object."""
    for namespace in context.namespaces:
        try:
            found = context.cluster.core.read_namespace(namespace)
        except ApiException as failure:
            if failure.status not in (403, 404):
                raise
            yield _missing(context, namespace)
            continue
        if found.status.phase != "Active":
            yield error(f"namespace {namespace} is {found.status.phase}", "wait until it is gone, then make it anew")
        else:
            yield _marks(context, namespace, found.metadata)


def _missing(context: Context, namespace: str) -> Finding:
    if context.environment.local:
        return ok(f"namespace {namespace} comes with the first `{context.command}`")
    return error(
        f"namespace {namespace} is missing, or not yours to see",
        f"an administrator applies what `make bootstrap ENV={context.environment.name}` prints, with your group in it",
    )


def _marks(context: Context, namespace: str, about: Any) -> Finding:
    annotations, labels = about.annotations or {}, about.labels or {}
    lacking = [name for name in ANNOTATIONS if not annotations.get(name)] if context.openshift else []
    if lacking:
        return error(
            f"namespace {namespace} has no annotation {', '.join(lacking)}, without which OpenShift starts no pod",
            f"an administrator makes it anew as a project: `oc new-project {namespace}`",
        )
    level = labels.get(ENFORCE)
    if level != "restricted":
        return warning(
            f"namespace {namespace} is not kept to restricted pods, {ENFORCE} is {level or 'not set'}",
            f"an administrator runs `kubectl label namespace {namespace} --overwrite {ENFORCE}=restricted`",
        )
    return ok(f"namespace {namespace} is there and takes restricted pods only")
