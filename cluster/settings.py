"""Names, paths, addresses and ports of the node."""

from __future__ import annotations

from pathlib import Path

from dataops.platform.paths import cache_dir

HERE = Path(__file__).parent
ROOT = HERE.parent
KUBECONFIG = ROOT / ".cluster" / "kubeconfig"

NODE = "dataops-node"
STATE = Path("/var/lib/dataops-node")
# images outlive the node: a cache like the programs, so that starting again need not load them again
IMAGE_STORE = cache_dir() / "containerd"
RUN = Path("/run/dataops-containerd")
SOCKET = RUN / "containerd.sock"
CGROUP = "dataops-node"

# The node's own address: a private one on the loopback device, so that nothing of it listens where others can reach it,
# and so that it stays the same when the machine's address changes. NetworkPolicies name it as the API server's.
ADDRESS = "10.97.0.1"
PODS, SERVICES = "10.244.0.0/16", "10.96.0.0/16"
SERVER = f"https://{ADDRESS}:6443"

# who listens where; only NodePorts and health checks are on 127.0.0.1
PORTS = {
    2379: "etcd",
    2380: "etcd",
    2381: "etcd's health",
    6443: "kube-apiserver",
    9099: "calico-felix's health",
    10248: "kubelet's health",
    10249: "kube-proxy's metrics",
    10250: "kubelet",
    10256: "kube-proxy's health",
    10257: "kube-controller-manager",
    10259: "kube-scheduler",
    **{port: "a NodePort of the platform" for port in (30080, 30081, 30082, 30083, 30090)},
}
# and what listens there on a node that is an OpenShift
OPENSHIFT_PORTS = {80: "the router", 443: "the router", 5000: "the registry", 9443: "OpenShift's admission"}
DISK_GIB = 15
PACKAGES = {
    "containerd": "/usr/bin/containerd",
    "runc": "/usr/sbin/runc",
    "containernetworking-plugins": "/usr/lib/cni/host-local",
    "iptables": "/usr/sbin/iptables",
    "ipset": "/usr/sbin/ipset",
    "conntrack": "/usr/sbin/conntrack",
    "socat": "/usr/bin/socat",
    "catatonit": "/usr/bin/catatonit",
    "busybox-static": "/bin/busybox",
}
