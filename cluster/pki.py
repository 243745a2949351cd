"""Certificates and kubeconfigs of the node, made by kubeadm."""

from __future__ import annotations

from pathlib import Path

import yaml

from cluster.settings import KUBECONFIG, NODE, STATE
from dataops.platform.process import run

# client name and group of each kubeconfig, by file name
CLIENTS = {
    "admin": ("dataops-administrator", "system:masters"),
    "kubelet": (f"system:node:{NODE}", "system:nodes"),
    "kube-controller-manager": ("system:kube-controller-manager", ""),
    "kube-scheduler": ("system:kube-scheduler", ""),
    "kube-proxy": ("system:kube-proxy", ""),
    "calico-node": ("calico-node", ""),
    "calico-cni-plugin": ("calico-cni-plugin", ""),
}


def ensure(configuration: Path) -> None:
    """Make the certificates and kubeconfigs that are missing.

    Args:
        configuration: kubeadm's configuration file.
    """
    kubeadm = STATE / "bin" / "kubeadm"
    log = STATE / "log" / "kubeadm.log"
    if not (STATE / "pki" / "sa.pub").is_file():  # the last file that kubeadm writes
        run([kubeadm, "init", "phase", "certs", "all", "--config", configuration], log=log)
    folder = STATE / "kubeconfig"
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, (client, group) in CLIENTS.items():
        path = folder / name
        if not path.is_file():
            words = ["--client-name", client, *(["--org", group] if group else []), "--config", str(configuration)]
            _write_private(path, run([kubeadm, "kubeconfig", "user", *words]).stdout)


def write_kubeconfig() -> None:
    """Write the administrator's kubeconfig into the checkout, its context named like the node."""
    content = yaml.safe_load((STATE / "kubeconfig" / "admin").read_text(encoding="utf-8"))
    content["contexts"][0]["name"] = content["current-context"] = NODE
    KUBECONFIG.parent.mkdir(exist_ok=True)
    _write_private(KUBECONFIG, yaml.safe_dump(content, sort_keys=False))


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
