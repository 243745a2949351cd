"""The security context constraints of an OpenShift release, and who may use them, as objects for the API server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dataops.platform.documents import read_yaml

TABLE = Path(__file__).with_name("sccs.yaml")
GROUP = "security.openshift.io"
RBAC = "rbac.authorization.k8s.io"

Object = dict[str, Any]


def releases() -> list[str]:
    """The releases whose constraints are known."""
    return list(read_yaml(TABLE)["volumes"])


def constraints(release: str) -> list[Object]:
    """The constraints of a release.

    Args:
        release: One of `releases()`.

    Returns:
        A SecurityContextConstraints object each.
    """
    table = read_yaml(TABLE)
    found = []
    for name, entry in table["constraints"].items():
        settings = dict(entry)
        if settings.pop("since", release) != release:
            continue
        more = settings.pop("moreVolumes", [])
        volumes = sorted([*table["volumes"][release], *more])
        about = {"apiVersion": f"{GROUP}/v1", "kind": "SecurityContextConstraints", "metadata": {"name": name}}
        found.append({**about, **table["defaults"], "volumes": volumes, **settings})
    return found


def rights(release: str) -> list[Object]:
    """The right to use each constraint as a role, and the roles that everybody has.

    Args:
        release: One of `releases()`.

    Returns:
        ClusterRoles and ClusterRoleBindings.
    """
    rule = {"apiGroups": [GROUP], "resources": ["securitycontextconstraints"], "verbs": ["use"]}
    found = []
    for name in (one["metadata"]["name"] for one in constraints(release)):
        role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": f"system:openshift:scc:{name}"}}
        found.append({**role, "rules": [{**rule, "resourceNames": [name]}]})
    for name in read_yaml(TABLE)["everybody"][release]:
        role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": f"system:openshift:scc:{name}"}
        binding = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": role["name"]}}
        subjects = [{"apiGroup": RBAC, "kind": "Group", "name": "system:authenticated"}]
        found.append({**binding, "roleRef": role, "subjects": subjects})
    return found
