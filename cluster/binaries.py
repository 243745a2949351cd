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
OPENSHIFT_API = "github.com/openshift/api"
REGISTRY_PACKAGE = "github.com/distribution/distribution/v3/cmd/registry"


NODE_TOOLS = ("kubernetes", "etcd", "calico", "coredns", "local-path-provisioner")


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
            GoTool("openshift", versions["OPENSHIFT_LIBRARY_VERSION"], ".", HERE / "go" / "openshift"),
            GoTool("registry", versions["DISTRIBUTION_VERSION"], REGISTRY_PACKAGE),
            GoTool(local_path, versions["LOCAL_PATH_PROVISIONER_VERSION"], f"github.com/rancher/{local_path}"),
        )
    }


def ensure_binaries() -> Binaries:
    """Build what the cache does not hold of the node's own programs."""
    paths = {name: build(tools()[name]) for name in NODE_TOOLS}
    crds = paths["calico"].with_name(paths["calico"].name + ".crd")
    if not crds.is_dir():
        shutil.copytree(module_folder("calico", CALICO_MODULE) / "libcalico-go" / "config" / "crd", crds)
    return Binaries(
        kubernetes=paths["kubernetes"],
        etcd=paths["etcd"],
        calico=paths["calico"],
        calico_crds=crds,
        coredns=paths["coredns"],
        local_path_provisioner=paths["local-path-provisioner"],
    )


def module_folder(name: str, module: str) -> Path:
    """Where the sources of a Go module lie that a program of `go/<name>` is built from."""
    go, folder = ensure_go(), HERE / "go" / name
    run([go, "mod", "download", module], env=go_environment(), cwd=folder)
    return Path(run([go, "list", "-m", "-f", "{{.Dir}}", module], env=go_environment(), cwd=folder).stdout.strip())


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
