"""The command line of each of the node's processes, in the order in which they are started."""

from __future__ import annotations

import functools
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable

from cluster.processes import Program
from cluster.settings import ADDRESS, NODE, PODS, SERVER, SERVICES, SOCKET, STATE
from dataops.platform.process import run

PKI = STATE / "pki"
CALICO = {
    "KUBECONFIG": str(STATE / "kubeconfig" / "calico-node"),
    "FELIX_DATASTORETYPE": "kubernetes",
    "FELIX_FELIXHOSTNAME": NODE,
    "FELIX_IPV6SUPPORT": "false",
    "FELIX_BPFENABLED": "false",
    "FELIX_XDPENABLED": "false",
    "FELIX_IPINIPENABLED": "false",
    "FELIX_VXLANENABLED": "false",
    "FELIX_WIREGUARDENABLED": "false",
    "FELIX_DEFAULTENDPOINTTOHOSTACTION": "ACCEPT",
    "FELIX_USAGEREPORTINGENABLED": "false",
    "FELIX_HEALTHENABLED": "true",
    "FELIX_HEALTHHOST": "127.0.0.1",
    "FELIX_HEALTHPORT": "9099",
    "FELIX_LOGSEVERITYSCREEN": "Warning",
    "FELIX_LOGSEVERITYFILE": "none",
    "FELIX_LOGSEVERITYSYS": "none",
    "FELIX_LOGFILEPATH": "none",
}


def programs(configurations: dict[str, str]) -> list[Program]:
    """Describe the node's processes.

    Args:
        configurations: Text of each configuration file by name; a change restarts its process.

    Returns:
        The processes, each needing those before it.
    """
    return [
        Program(
            "containerd",
            ["/usr/bin/containerd", "--config", f"{STATE}/config/containerd.toml"],
            ready=_containerd_answers,
            depends=configurations["containerd.toml"],
        ),
        Program("etcd", _etcd(), ready=answers("http://127.0.0.1:2381/health"), environment=_memory(256)),
        Program("kube-apiserver", _api_server(), ready=answers(f"{SERVER}/readyz"), environment=_memory(512)),
        Program(
            "kube-controller-manager",
            _controller_manager(),
            ready=answers("https://127.0.0.1:10257/healthz"),
            environment=_memory(128),
        ),
        Program(
            "kube-scheduler",
            [
                _binary("kube-scheduler"),
                *_kubeconfig("kube-scheduler"),
                "--bind-address=127.0.0.1",
                "--leader-elect=false",
            ],
            ready=answers("https://127.0.0.1:10259/healthz"),
            environment=_memory(96),
        ),
        Program(
            "kubelet",
            [
                _binary("kubelet"),
                *_kubeconfig("kubelet"),
                f"--config={STATE}/config/kubelet.yaml",
                f"--hostname-override={NODE}",
                f"--node-ip={ADDRESS}",
                "--node-labels=dataops/cluster=node",
                f"--root-dir={STATE}/kubelet",
                f"--cert-dir={STATE}/kubelet/pki",
            ],
            ready=answers("http://127.0.0.1:10248/healthz"),
            environment=_memory(160),
            depends=configurations["kubelet.yaml"],
        ),
        Program(
            "kube-proxy",
            [
                _binary("kube-proxy"),
                *_kubeconfig("kube-proxy"),
                f"--hostname-override={NODE}",
                "--proxy-mode=iptables",
                f"--cluster-cidr={PODS}",
                "--nodeport-addresses=127.0.0.0/8",
                "--healthz-bind-address=127.0.0.1:10256",
                "--conntrack-max-per-core=0",
                "--oom-score-adj=0",
            ],
            ready=answers("http://127.0.0.1:10256/healthz"),
            environment=_memory(96),
        ),
        # after kube-proxy has put its jumps in, so that felix's come first
        Program(
            "calico-felix",
            [_binary("calico-felix")],
            ready=answers("http://127.0.0.1:9099/readiness"),
            environment={**CALICO, "FELIX_IPTABLESBACKEND": _iptables_backend(), **_memory(128)},
        ),
    ]


def _etcd() -> list[str]:
    pki = PKI / "etcd"
    return [
        _binary("etcd"),
        f"--name={NODE}",
        f"--data-dir={STATE}/etcd",
        "--listen-client-urls=https://127.0.0.1:2379",
        "--advertise-client-urls=https://127.0.0.1:2379",
        "--listen-peer-urls=https://127.0.0.1:2380",
        "--initial-advertise-peer-urls=https://127.0.0.1:2380",
        f"--initial-cluster={NODE}=https://127.0.0.1:2380",
        "--listen-metrics-urls=http://127.0.0.1:2381",
        "--client-cert-auth",
        f"--trusted-ca-file={pki}/ca.crt",
        f"--cert-file={pki}/server.crt",
        f"--key-file={pki}/server.key",
        "--peer-client-cert-auth",
        f"--peer-trusted-ca-file={pki}/ca.crt",
        f"--peer-cert-file={pki}/peer.crt",
        f"--peer-key-file={pki}/peer.key",
        "--unsafe-no-fsync",  # losing the node's last second in a power cut is fine: nothing here is the only copy
        "--auto-compaction-retention=1",
        "--log-level=warn",
    ]


def _api_server() -> list[str]:
    return [
        _binary("kube-apiserver"),
        f"--bind-address={ADDRESS}",
        f"--advertise-address={ADDRESS}",
        "--secure-port=6443",
        "--etcd-servers=https://127.0.0.1:2379",
        f"--etcd-cafile={PKI}/etcd/ca.crt",
        f"--etcd-certfile={PKI}/apiserver-etcd-client.crt",
        f"--etcd-keyfile={PKI}/apiserver-etcd-client.key",
        f"--client-ca-file={PKI}/ca.crt",
        f"--tls-cert-file={PKI}/apiserver.crt",
        f"--tls-private-key-file={PKI}/apiserver.key",
        f"--kubelet-client-certificate={PKI}/apiserver-kubelet-client.crt",
        f"--kubelet-client-key={PKI}/apiserver-kubelet-client.key",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={PKI}/sa.pub",
        f"--service-account-signing-key-file={PKI}/sa.key",
        f"--service-cluster-ip-range={SERVICES}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        "--profiling=false",
    ]


def _controller_manager() -> list[str]:
    return [
        _binary("kube-controller-manager"),
        *_kubeconfig("kube-controller-manager"),
        "--bind-address=127.0.0.1",
        f"--root-ca-file={PKI}/ca.crt",
        f"--service-account-private-key-file={PKI}/sa.key",
        f"--flex-volume-plugin-dir={STATE}/kubelet/volume-plugins",
        "--use-service-account-credentials",
        "--leader-elect=false",
        "--profiling=false",
    ]


def _binary(name: str) -> str:
    return str(STATE / "bin" / name)


def _kubeconfig(name: str) -> list[str]:
    return [f"--kubeconfig={STATE}/kubeconfig/{name}"]


def _memory(mebibytes: int) -> dict[str, str]:
    """A soft limit for the Go heap: collect more often instead of growing."""
    return {"GOMEMLIMIT": f"{mebibytes}MiB", "GOGC": "75"}


def _iptables_backend() -> str:
    return "NFT" if "nf_tables" in run(["iptables", "--version"]).stdout else "Legacy"


def _containerd_answers() -> bool:
    command = ["ctr", "--address", str(SOCKET), "version"]
    return SOCKET.exists() and subprocess.run(command, capture_output=True, check=False).returncode == 0


def answers(url: str) -> Callable[[], bool]:
    """A question that is true once a URL answers without an error."""
    return functools.partial(_get, url)


def _get(url: str) -> bool:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # a health check of a process we have just started ourselves
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(url, timeout=5) as answer:
            return bool(answer.status < 300)
    except (urllib.error.URLError, OSError):
        return False
