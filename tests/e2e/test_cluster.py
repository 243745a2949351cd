"""The node as its users meet it: it serves, guards, heals, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.cgroups import roots
from cluster.network import SYSCTLS
from cluster.processes import Supervisor
from cluster.settings import IMAGE_STORE, KUBECONFIG, ROOT, STATE

NAMESPACE = "node-test"
IMAGE = "localhost/dataops-node/busybox:1"
GUARDED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def cluster(verb: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cluster", verb]
    environment = {**os.environ, "CLUSTER": "node"}
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)
    assert not check or done.returncode == 0, done.stderr[-3000:]
    return done


def kubectl(*words: str, stdin: str | None = None, check: bool = True) -> str:
    command = [str(STATE / "bin" / "kubectl"), "--kubeconfig", str(KUBECONFIG), "--namespace", NAMESPACE, *words]
    done = subprocess.run(command, input=stdin, text=True, capture_output=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def apply(*objects: dict[str, object]) -> None:
    kubectl("apply", "--filename", "-", stdin="\n---\n".join(json.dumps(item) for item in objects))


def output(*command: str) -> str:
    """What a program says; nothing where it is not installed, as before the node's first start."""
    if not shutil.which(command[0]):
        return ""
    return subprocess.run(command, text=True, capture_output=True, check=True).stdout


def snapshot() -> dict[str, object]:
    """Everything of the machine that a node could leave changed."""
    running = re.compile(r"^[^Z\s]\S* +(.*(?:kube|etcd|containerd|calico|coredns|local-path|catatonit|pause).*)$", re.M)
    rules = [output(f"{variant}-save") for variant in ("iptables", "ip6tables")]
    return {
        # a process that has ended stays listed as Z until the machine's first process has noticed
        "processes": running.findall(output("ps", "-eo", "stat=,comm=")),
        "mounts": [line for line in Path("/proc/mounts").read_text().splitlines() if re.search("dataops|cni", line)],
        "links": re.findall(r"^\d+: ([^:]+)", output("ip", "-o", "link"), re.MULTILINE),
        "addresses": output("ip", "-o", "-4", "address"),
        "routes": output("ip", "route", "show", "table", "all"),
        "rules": [re.sub(r"\[\d+:\d+\]|^#.*$", "", text, flags=re.MULTILINE) for text in rules],
        "ipsets": output("ipset", "list", "-n"),
        "cgroups": [str(path) for path in roots() if path.exists()],
        "sysctls": {name: (Path("/proc/sys") / name).read_text() for name in SYSCTLS},
        "paths": [
            str(path)
            for path in (STATE, Path("/run/dataops-containerd"), Path("/var/lib/cni"), Path("/var/lib/calico"))
            if path.exists()
        ]
        + [str(path) for path in Path("/etc/cni").glob("**/*")],
        "namespaces": output("ip", "netns", "list"),
    }


@pytest.fixture(scope="module")
def machine() -> Iterator[dict[str, object]]:
    """The machine before the node, which is up while the tests run."""
    cluster("down")
    before = snapshot()
    begin = time.monotonic()
    cluster("up")
    print(f"node up in {time.monotonic() - begin:.1f} s")
    apply(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": NAMESPACE, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
        }
    )
    yield before
    cluster("down")


def pod(name: str, *command: str, **more: object) -> dict[str, object]:
    container = {"name": "main", "image": IMAGE, "command": command, "securityContext": GUARDED}
    mounts = {"volumeMounts": [{"name": "data", "mountPath": "/data"}]} if "volumes" in more else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app": name}},
        "spec": {
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "containers": [{**container, **mounts}],
            **more,
        },
    }


def test_the_node_is_ready_and_recognisable(machine: dict[str, object]) -> None:
    node = json.loads(kubectl("get", "node", "dataops-node", "--output=json"))
    conditions = {condition["type"]: condition["status"] for condition in node["status"]["conditions"]}
    assert conditions["Ready"] == "True"
    assert node["metadata"]["labels"]["dataops/cluster"] == "node"
    assert kubectl("config", "current-context").strip() == "dataops-node"
    assert KUBECONFIG.stat().st_mode & 0o777 == 0o600


def test_nothing_listens_where_others_can_reach_it(machine: dict[str, object]) -> None:
    pids = {
        found[0] for path in (STATE / "run").iterdir() if (found := Supervisor(STATE).running(path.stem)) is not None
    }
    lines = [line for line in output("ss", "-Hltnp").splitlines() if any(f"pid={pid}," in line for pid in pids)]
    addresses = {line.split()[3].rpartition(":")[0] for line in lines}
    assert addresses == {"127.0.0.1", "10.97.0.1"}


def test_dns_storage_and_policies(machine: dict[str, object]) -> None:
    claim: dict[str, object] = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    }
    service: dict[str, object] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {
            "type": "NodePort",
            "selector": {"app": "web"},
            "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30090}],
        },
    }
    policy: dict[str, object] = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "web"},
        "spec": {
            "podSelector": {"matchLabels": {"app": "web"}},
            "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "friend"}}}]}],
        },
    }
    volume = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    serve = "echo hello >/data/index.html && exec httpd -f -p 8080 -h /data"
    fine = {"runAsUser": 1000660000}
    apply(
        claim,
        service,
        policy,
        pod("web", "/bin/sh", "-c", serve, volumes=volume, securityContext=fine),
        pod("friend", "/bin/sleep", "600"),
        pod("stranger", "/bin/sleep", "600"),
    )
    kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=60s")
    # name and connection apart, and nc instead of wget: a static busybox cannot resolve names elsewhere
    address = json.loads(kubectl("get", "service", "web", "--output=json"))["spec"]["clusterIP"]
    assert address in kubectl("exec", "friend", "--", "nslookup", f"web.{NAMESPACE}.svc.cluster.local")
    fetch = ("--", "/bin/sh", "-c", f"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 {address} 80")
    assert kubectl("exec", "friend", *fetch).endswith("hello\n")
    assert "timed out" in kubectl("exec", "stranger", *fetch, check=False)
    assert output("curl", "--silent", "--noproxy", "*", "http://127.0.0.1:30090") == "hello\n"
    volumes = json.loads(kubectl("get", "pvc", "data", "--output=json"))
    assert volumes["status"]["phase"] == "Bound"


def test_a_privileged_pod_is_refused(machine: dict[str, object]) -> None:
    bad = pod("bad", "/bin/sleep", "1")
    bad["spec"]["containers"][0]["securityContext"] = {"privileged": True}  # type: ignore[index]  # nested
    refusal = kubectl("apply", "--filename", "-", stdin=json.dumps(bad), check=False)
    assert 'violates PodSecurity "restricted' in refusal


def test_up_again_changes_nothing(machine: dict[str, object]) -> None:
    before = {path.name: path.read_text() for path in (STATE / "run").iterdir()}
    assert "nothing, all of it was running" in cluster("up").stderr
    assert {path.name: path.read_text() for path in (STATE / "run").iterdir()} == before


@pytest.mark.parametrize("victim", ["containerd", "etcd", "kube-apiserver", "kubelet", "kube-proxy", "calico-felix"])
def test_up_heals_a_killed_process(machine: dict[str, object], victim: str) -> None:
    supervisor = Supervisor(STATE)
    found = supervisor.running(victim)
    assert found
    os.kill(found[0], signal.SIGKILL)
    while supervisor.running(victim):
        time.sleep(0.05)
    assert cluster("status", check=False).returncode == 1
    assert f"started: {victim}" in cluster("up").stderr
    healed = supervisor.running(victim)
    assert healed and healed[0] != found[0]
    assert cluster("status").returncode == 0


def test_another_checkouts_node_is_left_alone(machine: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    owner = STATE / "owner"
    mine = owner.read_text()
    owner.write_text("/somewhere/else\n")
    try:
        for verb in ("up", "down"):
            refused = cluster(verb, check=False)
            assert refused.returncode == 1 and "belongs to /somewhere/else" in refused.stderr
    finally:
        owner.write_text(mine)
    assert cluster("status").returncode == 0


def test_down_leaves_the_machine_as_it_was(machine: dict[str, object]) -> None:
    cluster("down")
    assert snapshot() == machine
    assert IMAGE_STORE.is_dir(), "the images were not kept"
    assert not KUBECONFIG.exists()
    assert cluster("down").returncode == 0
