"""Brings the platform to a cluster: only what differs is touched, and a stopped run goes on where it ended."""

import subprocess
import sys
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import bootstrap, clusters, guard, helm, secrets, trust, wait
from dataops.platform.charts import Chart, charts_of
from dataops.platform.declarations import read_all
from dataops.platform.doctor.checks import access, namespaces
from dataops.platform.doctor.context import Context
from dataops.platform.environment import Environment
from dataops.platform.images import builder
from dataops.platform.kube import Cluster
from dataops.platform.plan import Plan, image_tags, make_plan
from dataops.platform.process import step
from dataops.platform.tools import ensure_tool

# Charts up to this place are what the others start from: they are ready before the rest is installed.
FOUNDATION_ORDER = 20
# What each namespace needs and only its administrator has; the doctor asks for everything.
RIGHTS: dict[str, access.Right] = {
    "servers": ("create", "apps", "deployments"),
    "users": ("create", "rbac.authorization.k8s.io", "rolebindings"),
    "jobs": ("create", "rbac.authorization.k8s.io", "rolebindings"),
}


def deploy(root: Path, environment: Environment, only: str | None = None) -> tuple[Cluster, bool]:
    """Install or update the platform and wait until it is ready.

    Args:
        root: The repository root.
        environment: The place.
        only: Touch this chart alone.

    Returns:
        The cluster, and whether anything changed.
    """
    charts = charts_of(root, environment, only)
    guard.refuse_foreign(root, environment)
    ensure_tool("helm")
    tags = image_tags(root, environment)
    # before anything is touched, so that a mistyped value cannot stop a deploy half-way
    rendered = "".join(helm.template(chart, environment, {"tags": tags, "checksum": ""}) for chart in charts)
    cluster = _cluster(root, environment)
    if environment.local:
        # what was built is what is asked for, also when a file was edited since
        tags |= _bring_images(root, cluster, rendered, tags)
    prepare(root, cluster, environment)
    return cluster, _install(cluster, environment, charts, tags)


def prepare(root: Path, cluster: Cluster, environment: Environment, given: Path | None = None) -> None:
    """Make or check what charts expect to find: namespaces, Secrets, the CA.

    Args:
        root: The repository root.
        cluster: The cluster.
        environment: The place.
        given: A folder with values of Secrets that others give; with it missing Secrets are made anywhere.
    """
    if environment.local:
        with step("Namespaces, quotas and limits"):
            cluster.apply(bootstrap.documents(root, environment))
    else:
        _check_place(root, cluster, environment)
    ensure_secrets(root, cluster, environment, given)


def ensure_secrets(root: Path, cluster: Cluster, environment: Environment, given: Path | None = None) -> None:
    """Create missing Secrets on ENV=local or with given values, verify them elsewhere, and write the CA.

    Args:
        root: The repository root.
        cluster: The cluster.
        environment: The place.
        given: As for `prepare`.
    """
    with step("Secrets and the CA"):
        declared = read_all(charts_of(root, environment), environment)
        if environment.local or given:
            for line in secrets.ensure(cluster, environment, declared, given):
                print(f"    wrote Secret {line}", file=sys.stderr)
        if not environment.local:
            secrets.verify(cluster, environment, declared)
        for namespace in trust.ensure(cluster, environment):
            print(f"    wrote ConfigMap {namespace}/{trust.NAME}", file=sys.stderr)


def _cluster(root: Path, environment: Environment) -> Cluster:
    if environment.local and clusters.wanted() != "current":
        # a program of its own: the product does not depend on how its cluster is made
        if subprocess.run([sys.executable, "-m", "cluster", "up"], cwd=root, check=False).returncode:
            sys.exit(1)  # it has said why
    cluster = guard.choose(root, environment)
    guard.check(cluster, environment)
    return cluster


def _bring_images(root: Path, cluster: Cluster, rendered: str, tags: dict[str, str]) -> dict[str, str]:
    """Build the images that rendered charts name, load them into a cluster that pulls none, and return their tags."""
    names = [name for name, tag in tags.items() if f"/{name}:{tag}" in rendered]
    print(f"==> Images: {', '.join(names)}", file=sys.stderr)
    built = builder.build(root, names)
    builder.load_into_cluster(root, list(built.values()), guard.provider(cluster))
    return {name: reference.rpartition(":")[2] for name, reference in built.items()}


def _check_place(root: Path, cluster: Cluster, environment: Environment) -> None:
    """Refuse a namespace that is not there, not yours, or that OpenShift did not make: a deploy would end half-way."""
    context = Context(root, cluster, environment)
    for finding in namespaces.check(context):
        if finding.severity == "error":
            raise UserError(f"{finding.what}: {finding.fix}")
    for namespace, right in [(one, right) for role, right in RIGHTS.items() for one in environment.places(role)]:
        if not access.may(context, namespace, right):
            raise UserError(
                f"you may not {access.words(right)} in namespace {namespace}: {access.grant(namespace)}; "
                f"`make doctor ENV={environment.name}` lists every right you lack"
            )


def _install(cluster: Cluster, environment: Environment, charts: list[Chart], tags: dict[str, str]) -> bool:
    releases = helm.releases(cluster, environment)
    changed, pending = False, []
    for chart in charts:
        plan = make_plan(cluster, chart, environment, tags, releases)
        if plan.changes:
            changed = True
            _upgrade(cluster, plan, releases.get(chart.name), environment)
        else:
            print(f"==> Chart {chart.name}: nothing to change", file=sys.stderr)
        pending += wait.workloads(plan.manifest, environment.servers)
        if chart.order <= FOUNDATION_ORDER:
            _wait(cluster, pending)
            pending = []
    _wait(cluster, pending)
    return changed


def _upgrade(cluster: Cluster, plan: Plan, last: helm.Release | None, environment: Environment) -> None:
    with step(f"Chart {plan.chart.name}: {len(plan.changes)} object(s) differ"):
        for line in plan.changes[:8]:
            print(f"    {line}", file=sys.stderr)
        if last and last.status.startswith("pending-"):
            helm.forget_unfinished(cluster, plan.chart.name, last, environment)
        helm.upgrade(cluster, plan.chart, environment, plan.values)


def _wait(cluster: Cluster, workloads: list[wait.Workload]) -> None:
    if workloads:
        print(f"==> Waiting until {len(workloads)} workload(s) are ready", file=sys.stderr)
        wait.until_ready(cluster, workloads)


def uninstall(cluster: Cluster, root: Path, environment: Environment) -> list[str]:
    """Remove every release, last installed first; namespaces, Secrets and volumes stay.

    Args:
        cluster: The cluster.
        root: The repository root.
        environment: The place.

    Returns:
        The names of the releases that were removed.
    """
    found = helm.releases(cluster, environment)
    removed = []
    for chart in reversed(charts_of(root, environment)):
        if chart.name in found:
            with step(f"Removing {chart.name}"):
                helm.uninstall(cluster, chart.name, environment)
            removed.append(chart.name)
    return removed
