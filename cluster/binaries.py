"""The node's programs, built from their pinned Go modules."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from cluster.settings import HERE, ROOT, STATE
from dataops.platform.process import run
from dataops.platform.tools import GoTool, build, ensure_go, go_environment, kubernetes_stamps
from dataops.platform.versions import load_versions

KUBERNETES_NAMES = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "kubeadm",
    "kubectl",
)
CALICO_MODULE = "github.com/projectcalico/calico"


@dataclass(frozen=True)
class Binaries:
    """Where the built programs and Calico's object definitions lie in the cache."""

    kubernetes: Path
    etcd: Path
    calico: Path
    calico_crds: Path
    coredns: Path
    local_path_provisioner: Path


def tools() -> dict[str, GoTool]:
    """Everything that is built for the node."""
    versions = load_versions(ROOT)
    kubernetes = versions["KUBERNETES_VERSION"]
    stamps = kubernetes_stamps(kubernetes)
    local_path = "local-path-provisioner"
    return {
        tool.name: tool
        for tool in (
            GoTool("kubernetes", kubernetes, ".", HERE / "go" / "kubernetes", stamps),
            GoTool("etcd", versions["ETCD_VERSION"], ".", HERE / "go" / "etcd"),
            GoTool("calico", versions["CALICO_VERSION"], ".", HERE / "go" / "calico"),
            GoTool("coredns", versions["COREDNS_VERSION"], "github.com/coredns/coredns"),
            GoTool(local_path, versions["LOCAL_PATH_PROVISIONER_VERSION"], f"github.com/rancher/{local_path}"),
        )
    }


def ensure_binaries() -> Binaries:
    """Build what the cache does not hold."""
    paths = {name: build(tool) for name, tool in tools().items()}
    crds = paths["calico"].with_name(paths["calico"].name + ".crd")
    if not crds.is_dir():
        go, folder = ensure_go(), HERE / "go" / "calico"
        run([go, "mod", "download", CALICO_MODULE], env=go_environment(), cwd=folder)
        module = run(
            [go, "list", "-m", "-f", "{{.Dir}}", CALICO_MODULE], env=go_environment(), cwd=folder
        ).stdout.strip()
        shutil.copytree(Path(module) / "libcalico-go" / "config" / "crd", crds)
    return Binaries(
        kubernetes=paths["kubernetes"],
        etcd=paths["etcd"],
        calico=paths["calico"],
        calico_crds=crds,
        coredns=paths["coredns"],
        local_path_provisioner=paths["local-path-provisioner"],
    )


def link(binaries: Binaries) -> None:
    """Give the programs their names in the node's state, beside the CNI plugins of the distribution."""
    names = {name: binaries.kubernetes for name in KUBERNETES_NAMES}
    names |= {"etcd": binaries.etcd, "calico": binaries.calico, "calico-felix": binaries.calico}
    names |= {name: Path("/usr/lib/cni") / name for name in ("host-local", "portmap", "loopback")}
    folder = STATE / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in names.items():
        path = folder / name
        if not path.is_symlink() or path.readlink() != target:
            path.unlink(missing_ok=True)
            path.symlink_to(target)
