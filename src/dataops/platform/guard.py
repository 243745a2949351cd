"""Refuses the wrong cluster before anything is touched, and prints what is about to be."""

import os
import sys
from pathlib import Path
from typing import Any

from kubernetes import client
from kubernetes.client.exceptions import ApiException

from dataops.errors import UserError
from dataops.platform import clusters
from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster, connect

OWN_NODE = "dataops/cluster"
EMULATION = "dataops/emulation"
ROUTES = "routes.route.openshift.io"


def own_kubeconfig(root: Path) -> Path:
    """The kubeconfig that `make cluster` leaves in the checkout."""
    return root / ".cluster" / "kubeconfig"


def choose(root: Path, environment: Environment) -> Cluster:
    """Open the cluster an environment belongs to, without sending it anything.

    Args:
        root: The repository root.
        environment: The place.

    Returns:
        The checkout's own cluster for ENV=local, the person's current context otherwise.

    Raises:
        UserError: KUBECONFIG names another cluster than the own one, or there is none yet.
    """
    if not _uses_own(environment):
        return connect(None)
    refuse_foreign(root, environment)
    own = own_kubeconfig(root)
    if not own.is_file():
        raise UserError("this checkout has no cluster yet: run `make cluster`, or type CLUSTER=current to use yours")
    return connect(own)


def refuse_foreign(root: Path, environment: Environment) -> None:
    """Refuse a KUBECONFIG that names another cluster than the own one, before that one is even started.

    Args:
        root: The repository root.
        environment: The place.

    Raises:
        UserError: KUBECONFIG names a foreign server.
    """
    named = os.environ.get("KUBECONFIG")
    if not _uses_own(environment) or not named:
        return
    foreign, own = connect(Path(named)), own_kubeconfig(root)
    if not own.is_file() or connect(own).server != foreign.server:
        raise UserError(_refusal(foreign, f"KUBECONFIG={named}"))


def check(cluster: Cluster, environment: Environment) -> None:
    """Print what is about to be touched and refuse a cluster that is not the environment's.

    Args:
        cluster: The chosen cluster.
        environment: The place.

    Raises:
        UserError: It is the wrong cluster.
    """
    names = ", ".join(environment.every_namespace)
    print(
        f"ENV={environment.name}  context {cluster.context}  server {cluster.server}  namespaces {names}",
        file=sys.stderr,
    )
    if not environment.local:
        _check_server(cluster, environment)
    own = _uses_own(environment)
    cluster.must_answer("run `make cluster`" if own else "start it, log in again, or ask its administrator")
    if environment.local:
        if _uses_own(environment) and provider(cluster) == "current":
            raise UserError(_refusal(cluster, f"context {cluster.context}"))
        _check_openshift(cluster)


def provider(cluster: Cluster) -> str:
    """What the cluster is: `node`, `kind`, or `current` for one that pulls its images from a registry."""
    nodes = cluster.core.list_node().items
    if any((node.spec.provider_id or "").startswith("kind://") for node in nodes):
        return "kind"
    return "node" if any(OWN_NODE in _marks(node) for node in nodes) else "current"


def _marks(thing: Any) -> dict[str, str]:
    return {**(thing.metadata.annotations or {}), **(thing.metadata.labels or {})}


def _uses_own(environment: Environment) -> bool:
    return environment.local and clusters.wanted() != "current"


def _check_server(cluster: Cluster, environment: Environment) -> None:
    wanted = str(environment.get("apiServer.url")).rstrip("/")
    if cluster.server.rstrip("/") != wanted:
        raise UserError(
            f"context {cluster.context} is {cluster.server}, but {environment.path.name} is for {wanted}: "
            f"log in there, or correct global.apiServer.url"
        )


def _check_openshift(cluster: Cluster) -> None:
    groups = client.ApisApi(cluster.api).get_api_versions().groups
    if not any(group.name == "route.openshift.io" for group in groups):
        return
    try:
        crd = client.ApiextensionsV1Api(cluster.api).read_custom_resource_definition(ROUTES)
    except ApiException:
        crd = None
    if crd is None or EMULATION not in _marks(crd):
        raise UserError(f"{cluster.server} is an OpenShift: use ENV=openshift, ENV=local never goes there")


def _refusal(cluster: Cluster, named: str) -> str:
    return (
        f"{named} points at {cluster.server}, which is not the cluster `make cluster` made: "
        f"unset KUBECONFIG, or type CLUSTER=current to install ENV=local there"
    )
