"""The node: a single-node Kubernetes of plain processes on a bare Linux machine."""

from __future__ import annotations

import json
import os
import shutil
import string
import sys
import time
from pathlib import Path

from cluster import binaries, cgroups, checks, images, network, pki
from cluster.openshift import addon, site
from cluster.processes import Supervisor
from cluster.programs import programs
from cluster.settings import (
    ADDRESS,
    CGROUP,
    HERE,
    IMAGE_STORE,
    KUBECONFIG,
    NODE,
    PACKAGES,
    PODS,
    ROOT,
    RUN,
    SERVICES,
    STATE,
)
from dataops.errors import UserError
from dataops.platform import packages
from dataops.platform.paths import cache_dir, oci_layout_dir
from dataops.platform.process import run, step
from dataops.platform.versions import load_versions

BEFORE = STATE / "before.json"
OWNER = STATE / "owner"
# made by kubelet, containerd and Calico's plugins outside the node's own folders
STRAY = tuple(map(Path, ("/var/lib/cni", "/var/lib/calico", "/run/calico", "/var/lib/kubelet", "/var/log/containers")))
STOPPED_FIRST = ("kubelet", "calico-felix", "kube-proxy", "kube-scheduler", "kube-controller-manager")
STOPPED_LAST = ("kube-apiserver", "etcd", "containerd")
CONTROL_PLANE_BYTES = 3 * 2**29
SYSTEM_DEPLOYMENTS = ("coredns", "local-path-provisioner")


def up() -> None:
    """Bring the node up, or heal it: whatever already is as wanted stays untouched."""
    limit, release = memory_limit(os.environ.get("NODE_MEMORY")), addon.wanted()
    take_ownership()
    if not _running():
        with step("Checking this machine"):
            checks.before_start()
    _ensure_packages()
    checks.docker_hint()
    built = binaries.ensure_binaries()
    with step("Starting the node"):
        started = _start(built, limit, release)
    with step("Waiting for the node and its DNS, storage and network"):
        wait_ready()
    pki.write_kubeconfig()
    print(f"    started: {', '.join(started) or 'nothing, all of it was running'}", file=sys.stderr)
    print(f"    kubeconfig: {KUBECONFIG}", file=sys.stderr)
    if release:
        site.ensure()


def memory_limit(wanted: str | None) -> int | None:
    """The bytes that NODE_MEMORY allows the node and its pods together; None for no limit."""
    limit = cgroups.parse_size(wanted) if wanted else None
    if limit is not None and limit <= CONTROL_PLANE_BYTES:
        own = CONTROL_PLANE_BYTES / 2**30
        raise UserError(f"NODE_MEMORY={wanted} leaves nothing for pods: the node itself takes {own} GiB, so write 8Gi.")
    return limit


def take_ownership() -> None:
    """Refuse to touch another checkout's node, unless this is CI, which takes it down first."""
    owner = Path(OWNER.read_text(encoding="utf-8").strip()) if OWNER.is_file() else ROOT
    if owner == ROOT:
        return
    if os.environ.get("CI") != "true":
        raise UserError(f"This machine's node belongs to {owner}: run `make cluster-down` there, or use CI=true here.")
    print(f"    taking down the node of {owner}, because CI=true", file=sys.stderr)
    _remove()


def _start(built: binaries.Binaries, limit: int | None, release: str | None) -> list[str]:
    STATE.mkdir(mode=0o711, parents=True, exist_ok=True)
    OWNER.write_text(f"{ROOT}\n", encoding="utf-8")
    if not BEFORE.is_file():
        stray = [str(path) for path in STRAY if path.exists()]
        BEFORE.write_text(json.dumps({**network.record(), "stray": stray}), encoding="utf-8")
    network.prepare()
    supervisor = Supervisor(STATE, cgroups.create(limit))
    binaries.link(built)
    system_images = _system_images(built)
    texts = _write_configuration(system_images, limit)
    pki.ensure(STATE / "config" / "kubeadm.yaml")
    started = []
    for program in programs(texts):
        if supervisor.ensure(program):
            started.append(program.name)
        if program.name == "containerd":
            images.ensure_images(list(system_images.values()))
        if program.name == "kube-apiserver":
            kubectl("apply", "--filename", built.calico_crds)
            kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
            for manifest in sorted((HERE / "manifests").glob("*.yaml")):
                kubectl("apply", "--filename", "-", stdin=_fill(manifest, system_images, limit))
            if release:
                started += addon.start(supervisor, kubectl, release)
    return started


def _system_images(built: binaries.Binaries) -> dict[str, images.ScratchImage]:
    versions = load_versions(ROOT)
    prefix = f"localhost/{NODE}"
    coredns, local_path = versions["COREDNS_VERSION"], versions["LOCAL_PATH_PROVISIONER_VERSION"]
    shell = ("sh", "mkdir", "rm", "cat", "sleep", "nc", "nslookup", "httpd")
    return {
        "PAUSE_IMAGE": images.ScratchImage(f"{prefix}/pause:1", Path("/usr/bin/catatonit"), "/pause", ("-P",)),
        "BUSYBOX_IMAGE": images.ScratchImage(
            f"{prefix}/busybox:1", Path("/bin/busybox"), "/bin/busybox", links=tuple(f"/bin/{name}" for name in shell)
        ),
        "COREDNS_IMAGE": images.ScratchImage(f"{prefix}/coredns:{coredns}", built.coredns, "/coredns"),
        "LOCAL_PATH_IMAGE": images.ScratchImage(
            f"{prefix}/local-path-provisioner:{local_path}", built.local_path_provisioner, "/local-path-provisioner"
        ),
    }


def _fill(template: Path, system_images: dict[str, images.ScratchImage], limit: int | None) -> str:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    reserved = CONTROL_PLANE_BYTES + (max(total - limit, 0) if limit else 0)
    values = {
        "STATE": str(STATE),
        "RUN": str(RUN),
        "IMAGE_STORE": str(IMAGE_STORE),
        "NODE": NODE,
        "ADDRESS": ADDRESS,
        "CGROUP": CGROUP,
        "PODS": PODS,
        "SERVICES": SERVICES,
        "RESERVED": str(reserved),
        "VERSION": load_versions(ROOT)["KUBERNETES_VERSION"],
        **{key: image.name for key, image in system_images.items()},
    }
    return string.Template(template.read_text(encoding="utf-8")).substitute(values)


def _write_configuration(system_images: dict[str, images.ScratchImage], limit: int | None) -> dict[str, str]:
    texts = {path.name: _fill(path, system_images, limit) for path in (HERE / "config").iterdir()}
    for name, text in texts.items():
        path = STATE / ("cni/10-calico.conflist" if name == "calico.conflist" else f"config/{name}")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return texts


def _ensure_packages() -> None:
    missing = [name for name, file in PACKAGES.items() if not Path(file).exists()]
    if not missing:
        return
    if not packages.can_install():
        raise UserError(f"This machine has no apt-get: install {', '.join(missing)} by other means, then try again.")
    packages.install(*missing)


def kubectl(*words: str | Path, stdin: str | None = None, check: bool = True) -> str:
    """Run kubectl as the node's administrator and return what it prints."""
    command = [STATE / "bin" / "kubectl", "--kubeconfig", STATE / "kubeconfig" / "admin", *words]
    return run(command, stdin=stdin, check=check).stdout


def wait_ready(timeout: int = 120) -> None:
    """Wait until the node is Ready and its system pods answer."""
    deadline = time.monotonic() + timeout
    while not kubectl("get", "node", NODE, "--ignore-not-found", "--output=name"):
        if time.monotonic() > deadline:
            raise UserError(f"The kubelet did not register the node: the reason is in {STATE}/log/kubelet.log")
        time.sleep(0.2)
    kubectl("wait", "--for=condition=Ready", f"node/{NODE}", f"--timeout={timeout}s")
    for name in SYSTEM_DEPLOYMENTS:
        kubectl("rollout", "status", f"deployment/{name}", "--namespace=kube-system", f"--timeout={timeout}s")


def status() -> bool:
    """Print who owns the node and which of its processes run; tell whether all of it does."""
    if not OWNER.is_file():
        print("No node on this machine; `make cluster` starts one.")
        return False
    supervisor = Supervisor(STATE)
    print(f"Node of {OWNER.read_text(encoding='utf-8').strip()}, state in {STATE}")
    wanted = (*STOPPED_LAST[::-1], *STOPPED_FIRST[::-1], *(addon.PROGRAMS if addon.wanted() else ()))
    states = {name: supervisor.running(name) for name in wanted}
    for name, found in states.items():
        print(f"  {name:24} {f'running, process {found[0]}' if found else 'NOT RUNNING: `make cluster` heals it'}")
    if states["kube-apiserver"]:
        print(kubectl("get", "nodes", "--output=wide", check=False), end="")
    return all(states.values())


def down() -> None:
    """Stop the node and take away everything it put onto the machine; caches and packages stay."""
    if not STATE.exists():
        print("No node on this machine.", file=sys.stderr)
        return
    take_ownership()
    with step("Taking the node down"):
        _remove()
    print(
        f"    kept: programs, images and build cache in {cache_dir()}, Debian packages {', '.join(PACKAGES)}",
        file=sys.stderr,
    )


def _remove() -> None:
    supervisor = Supervisor(STATE)
    for name in (*addon.PROGRAMS, *STOPPED_FIRST):
        supervisor.stop(name)
    clean = supervisor.running("containerd") is not None and images.forget_pods()
    for name in STOPPED_LAST:
        supervisor.stop(name)
    addon.clear()
    site.clear()
    cgroups.destroy()
    for folder in (STATE, RUN, IMAGE_STORE):
        _unmount_below(folder)
    if BEFORE.is_file():
        before = json.loads(BEFORE.read_text(encoding="utf-8"))
        network.restore(before)
        for path in (path for path in STRAY if str(path) not in before["stray"]):
            shutil.rmtree(path, ignore_errors=True)
    for folder in (RUN, STATE, *([] if clean else [IMAGE_STORE])):
        if folder.exists():
            shutil.rmtree(folder)
    KUBECONFIG.unlink(missing_ok=True)


def _unmount_below(folder: Path) -> None:
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    for mount in reversed([mount for mount in mounts if Path(mount).is_relative_to(folder)]):
        run(["umount", "--lazy", mount])


def purge() -> None:
    """Take the node down and remove what building it left in the cache."""
    down()
    for tool in binaries.tools().values():
        tool.path.unlink(missing_ok=True)
        shutil.rmtree(tool.path.with_name(f"{tool.path.name}.crd"), ignore_errors=True)
    for folder in (
        IMAGE_STORE,
        oci_layout_dir(),
        *(cache_dir() / name for name in ("go", "go-build", "go-bin", "registry")),
    ):
        shutil.rmtree(folder, ignore_errors=True)


def _running() -> bool:
    supervisor = Supervisor(STATE)
    return any(supervisor.running(name) for name in (*STOPPED_FIRST, *STOPPED_LAST))
