"""Your rights: you may make and read all that a deploy does, and have what its accounts are given."""

from collections.abc import Iterator
from typing import Any

from kubernetes import client
from kubernetes.client.exceptions import ApiException

from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok

ORDER = 20
# a verb, an API group and a resource
Right = tuple[str, str, str]

OBJECTS = ("get", "create", "patch", "delete")
# What the commands themselves do, beside what they install.
COMMANDS = {
    ("", "secrets"): ("get", "list", "create", "update", "patch", "delete"),
    ("", "configmaps"): ("get", "create", "update"),
    ("", "pods"): ("get", "list", "create", "delete"),
    ("", "pods/log"): ("get",),
    ("batch", "jobs"): ("get", "create", "delete"),
}


def check(context: Context) -> Iterator[Finding]:
    """Ask the API server about each right."""
    yield ok(f"you are {_who(context)}")
    yield from _unknown_kinds(context)
    for namespace in context.namespaces:
        wanted = _needed(context, namespace) | _handed_on(context, namespace)
        lacking = sorted(right for right in wanted if not may(context, namespace, right))
        if lacking:
            said = ", ".join(words(right) for right in lacking[:6]) + (" ..." if len(lacking) > 6 else "")
            yield error(f"in {namespace} you lack {len(lacking)} of {len(wanted)} rights: {said}", grant(namespace))
        else:
            yield ok(f"in {namespace} you have all {len(wanted)} rights that a deploy needs")


def _who(context: Context) -> str:
    """The name the cluster knows you by."""
    reviews: Any = client.AuthenticationV1Api(context.cluster.api)
    custom: Any = client.CustomObjectsApi(context.cluster.api)
    try:
        return str(reviews.create_self_subject_review(client.V1SelfSubjectReview()).status.user_info.username)
    except ApiException as failure:
        if failure.status not in (403, 404):
            raise
    try:  # OpenShift 4.12 is older than that question and has one of its own
        return str(custom.get_cluster_custom_object("user.openshift.io", "v1", "users", "~")["metadata"]["name"])
    except ApiException:
        return f"the user of context {context.cluster.context}"


def _unknown_kinds(context: Context) -> Iterator[Finding]:
    for version, kind in sorted({(one["apiVersion"], one["kind"]) for _, one in context.objects}):
        if context.resource(version, kind) is None:
            yield error(
                f"the cluster serves no {kind} of {version}", "correct global.exposure, or the cluster is too old"
            )


def _needed(context: Context, namespace: str) -> set[Right]:
    rights = {(verb, group, resource) for (group, resource), verbs in COMMANDS.items() for verb in verbs}
    for place, one in context.objects:
        resource = context.resource(one["apiVersion"], one["kind"])
        if place == namespace and resource:
            rights |= {(verb, *resource) for verb in OBJECTS}
    return rights


def _handed_on(context: Context, namespace: str) -> set[Right]:
    """The rights of the accounts: nobody may give what he does not have, unless he may escalate."""
    group = "rbac.authorization.k8s.io"
    if all(may(context, namespace, (verb, group, "roles")) for verb in ("escalate", "bind")):
        return set()
    rules = [
        rule for place, one in context.objects if place == namespace and one["kind"] == "Role" for rule in one["rules"]
    ]
    return {
        (verb, group, resource)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def may(context: Context, namespace: str, right: Right) -> bool:
    """Whether you have a right in a namespace, as the API server says."""
    verb, group, whole = right
    resource, _, part = whole.partition("/")
    attributes = {"namespace": namespace, "verb": verb, "group": group, "resource": resource, "subresource": part}
    body = {"spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}}}
    reviews: Any = client.AuthorizationV1Api(context.cluster.api)
    return bool(reviews.create_self_subject_access_review(body).status.allowed)


def words(right: Right) -> str:
    """A right as people say it."""
    verb, group, resource = right
    return f"{verb} {resource}.{group}" if group else f"{verb} {resource}"


def grant(namespace: str) -> str:
    """Who gives all of them in a namespace, and how."""
    command = f"kubectl -n {namespace} create rolebinding dataops-admin --clusterrole=admin --user=<you>"
    return f"an administrator runs `{command}`"
