"""Where the cluster comes from: your own, one inside Docker, or plain processes on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cluster import checks, images, node
from cluster.settings import HERE, KUBECONFIG
from dataops.errors import UserError
from dataops.platform import clusters
from dataops.platform.process import run, step

KIND_NAME = "dataops"


@dataclass(frozen=True)
class Provider:
    """One way to have a cluster.

    Attributes:
        up: Bring it up, or leave it as it is.
        down: Take it away.
        purge: Take it away with its caches.
        status: Print what there is and tell whether it is all there.
        load: Bring the images of a saved archive into it, or those that are named of an OCI layout folder.
        images: The names of the images that every machine of it has.
        check: Refuse, naming the reason, where it cannot work; called before each of the others.
    """

    up: Callable[[], None]
    down: Callable[[], None]
    purge: Callable[[], None]
    status: Callable[[], bool]
    load: Callable[[Path, list[str]], None]
    images: Callable[[], set[str]]
    check: Callable[[], None] = lambda: None


def _current_up() -> None:
    from dataops.platform.kube import connect  # the other providers need no client of Kubernetes

    cluster = connect(None)
    cluster.must_answer("start it, or log in to another")
    print(f"Using the cluster of your context {cluster.context}; nothing is started.", file=sys.stderr)


def _current_down() -> None:
    print("CLUSTER=current: the cluster is yours, nothing is taken down.", file=sys.stderr)


def _current_status() -> bool:
    _current_up()
    print(run(["kubectl", "get", "nodes"], stdin="").stdout, end="")
    return True


def _current_load(archive: Path, _: list[str]) -> None:
    raise UserError(f"CLUSTER=current takes images from a registry: push those of {archive.name} to yours instead.")


def _kind_exists() -> bool:
    return KIND_NAME in run(["kind", "get", "clusters"]).stdout.split()


def _kind_up() -> None:
    KUBECONFIG.parent.mkdir(exist_ok=True)
    if _kind_exists():
        run(["kind", "export", "kubeconfig", "--name", KIND_NAME, "--kubeconfig", KUBECONFIG])
        return
    with step("Creating the kind cluster"):
        run(["kind", "create", "cluster", "--config", HERE / "kind.yaml", "--kubeconfig", KUBECONFIG, "--wait", "180s"])


def _kind_down() -> None:
    run(["kind", "delete", "cluster", "--name", KIND_NAME, "--kubeconfig", KUBECONFIG])
    KUBECONFIG.unlink(missing_ok=True)


def _kind_status() -> bool:
    print(f"kind cluster {KIND_NAME}: {'there' if _kind_exists() else 'not there'}")
    return _kind_exists()


def _kind_load(archive: Path, _: list[str]) -> None:
    run(["kind", "load", "image-archive", archive, "--name", KIND_NAME])


def _kind_images() -> set[str]:
    machines = run(["kind", "get", "nodes", "--name", KIND_NAME]).stdout.split()
    listed = [run(["docker", "exec", one, "ctr", "-n", "k8s.io", "images", "list", "-q"]).stdout for one in machines]
    return set.intersection(*(set(names.split()) for names in listed))


def need_kind() -> None:
    """Refuse where kind cannot work.

    Raises:
        UserError: Docker or kind is not installed, or Docker does not run.
    """
    missing = [name for name in ("docker", "kind") if not shutil.which(name)]
    if missing:
        raise UserError(
            f"CLUSTER=kind lacks {' and '.join(missing)}: install what is missing, or use CLUSTER=node as root."
        )
    if not _docker_answers():
        raise UserError("CLUSTER=kind needs Docker, which does not answer: start it, or use CLUSTER=node as root.")


def _docker_answers() -> bool:
    try:
        return subprocess.run(["docker", "version"], capture_output=True, check=False, timeout=20).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _node_load(archive: Path, names: list[str]) -> None:
    if archive.is_dir():
        images.import_layout(archive, names)
        return
    for name in images.import_archive(archive):
        print(f"    imported {name}", file=sys.stderr)


PROVIDERS = {
    "current": Provider(_current_up, _current_down, _current_down, _current_status, _current_load, set),
    "kind": Provider(_kind_up, _kind_down, _kind_down, _kind_status, _kind_load, _kind_images, check=need_kind),
    "node": Provider(node.up, node.down, node.purge, node.status, _node_load, images.present, check=checks.root),
}


def choose(wanted: str | None, has_kind: Callable[[], bool], bare_root: bool) -> str:
    """Decide which provider is meant.

    Args:
        wanted: What was typed as CLUSTER, if anything; your own context is only ever used when typed.
        has_kind: Tells whether Docker answers and kind is installed.
        bare_root: Whether this is Linux and the user is root.

    Returns:
        A name in PROVIDERS.
    """
    if wanted:
        return wanted
    if has_kind():
        return "kind"
    if bare_root:
        return "node"
    raise UserError(
        "No cluster can be made here: install Docker and kind, or run as root on Linux, or CLUSTER=current."
    )


def this_machine() -> str:
    """The provider for this machine and this environment."""
    bare_root = sys.platform == "linux" and os.geteuid() == 0
    return choose(clusters.wanted(), _docker_and_kind, bare_root)


def _docker_and_kind() -> bool:
    return bool(shutil.which("docker") and shutil.which("kind")) and _docker_answers()
