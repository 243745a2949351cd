"""Turns the node into an OpenShift as far as a tenant can tell: admission, Routes, a router and a registry."""

from __future__ import annotations

import base64
import inspect
import json
import os
import shutil
import string
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from cluster import checks
from cluster.binaries import OPENSHIFT_API, module_folder, tools
from cluster.openshift import hosts, router, sccs, service_ca
from cluster.processes import Program, Supervisor
from cluster.programs import answers
from cluster.settings import ADDRESS, OPENSHIFT_PORTS, STATE
from dataops.errors import UserError
from dataops.platform import ca, packages
from dataops.platform.guard import EMULATION
from dataops.platform.paths import cache_dir
from dataops.platform.process import run
from dataops.platform.report import PAGES
from dataops.platform.tools import build

MANIFESTS = Path(__file__).parent / "manifests"
FOLDER = STATE / "openshift"
TLS = FOLDER / "tls"
RELEASE = FOLDER / "release"
DOMAIN, REGISTRY_HOST = "apps.site.test", "registry.site.test"
REGISTRY = f"{REGISTRY_HOST}:5000"
WEBHOOK = f"{ADDRESS}:9443"
PROGRAMS = ("openshift-routes", "openshift-router", "openshift-registry", "openshift-admission")
CERTIFICATES = {
    "admission": [ADDRESS],
    "router": [f"*.{DOMAIN}"],
    "registry": [REGISTRY_HOST, ADDRESS],
}

Kubectl = Callable[..., str]


def wanted() -> str | None:
    """The OpenShift release that the node plays: what OPENSHIFT says, else what it plays already; None for none.

    Raises:
        UserError: OPENSHIFT names a release that is not known.
    """
    typed = os.environ.get("OPENSHIFT")
    if not typed:
        return RELEASE.read_text(encoding="utf-8").strip() if RELEASE.is_file() else None
    known = sccs.releases()
    release = known[-1] if typed == "1" else typed
    if release not in known:
        raise UserError(f"OPENSHIFT={typed} is unknown: choose one of 1, {', '.join(known)}")
    return release


def start(supervisor: Supervisor, kubectl: Kubectl, release: str) -> list[str]:
    """Bring the parts of OpenShift up; called when the API server answers and before the kubelet starts pods.

    Args:
        supervisor: Starts the processes.
        kubectl: Runs kubectl as the administrator.
        release: One of `sccs.releases()`.

    Returns:
        The names of the processes that had to be started.
    """
    if not shutil.which("haproxy"):
        packages.install("haproxy")
    if not any(supervisor.running(name) for name in PROGRAMS):
        checks.ports_free(OPENSHIFT_PORTS)
    RELEASE.parent.mkdir(mode=0o711, exist_ok=True)
    authority = _certificates()
    texts = _configuration(authority)
    _definitions(kubectl)
    _constraints(kubectl, release)
    kubectl("apply", "--filename", MANIFESTS / "rights.yaml")
    hosts.write([REGISTRY_HOST, *(f"{page.host}.{DOMAIN}" for page in PAGES)])
    started = []
    for program in _programs(texts):
        if supervisor.ensure(program):
            started.append(program.name)
        if program.name == "openshift-admission":
            kubectl("apply", "--filename", "-", stdin=texts["webhooks.yaml"])
    RELEASE.write_text(release, encoding="utf-8")
    return started


def trust() -> str:
    """The certificate of the authority that signs for the router and the registry, as PEM."""
    return (TLS / "ca.crt").read_text(encoding="utf-8")


def _certificates() -> str:
    TLS.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority, key = TLS / "ca.crt", TLS / "ca.key"
    if not authority.is_file():
        certificate, secret = ca.new_ca()
        _private(key, secret)
        authority.write_text(certificate, encoding="utf-8")
    for name, names in CERTIFICATES.items():
        if not (TLS / f"{name}.pem").is_file():
            certificate, secret = ca.new_server(authority.read_text(), key.read_text(), names)
            _private(TLS / f"{name}.key", secret)
            (TLS / f"{name}.crt").write_text(certificate, encoding="utf-8")
            _private(TLS / f"{name}.pem", certificate + secret)  # as HAProxy wants it
    return authority.read_text(encoding="utf-8")


def _private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _configuration(authority: str) -> dict[str, str]:
    """Every file of `manifests` with its `$NAMES` filled in; what a process reads is written to the state."""
    host, _, port = REGISTRY.partition(":")
    values = {
        "ADDRESS": ADDRESS,
        "TLS": str(TLS),
        "WEBHOOK": f"https://{WEBHOOK}",
        "CA": base64.b64encode(authority.encode()).decode(),
        "REGISTRY_PORT": port,
        "REGISTRY_STORE": str(cache_dir() / "registry"),
    }
    texts = {
        path.name: string.Template(path.read_text(encoding="utf-8")).substitute(values) for path in MANIFESTS.iterdir()
    }
    for name in ("registry.yml", router.HEAD):
        (FOLDER / name).write_text(texts[name], encoding="utf-8")
    if not (FOLDER / router.CONFIGURATION).is_file():
        (FOLDER / router.CONFIGURATION).write_text(texts[router.HEAD], encoding="utf-8")
    trusted = STATE / "registries" / REGISTRY / "hosts.toml"
    trusted.parent.mkdir(parents=True, exist_ok=True)
    trusted.write_text(f'[host."https://{host}:{port}"]\n  ca = "{TLS}/ca.crt"\n', encoding="utf-8")
    return texts


def _definitions(kubectl: Kubectl) -> None:
    folder = module_folder("openshift", OPENSHIFT_API)
    for path in ("security/v1", "route/v1"):
        for file in sorted((folder / path / "zz_generated.crd-manifests").glob("*.yaml")):
            definition = yaml.safe_load(file.read_text(encoding="utf-8"))
            # by this mark ENV=local knows that it is not a real OpenShift
            definition["metadata"].setdefault("annotations", {})[EMULATION] = "true"
            kubectl("apply", "--server-side", "--force-conflicts", "--filename", "-", stdin=json.dumps(definition))
    kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")


def _constraints(kubectl: Kubectl, release: str) -> None:
    wanted_ones = sccs.constraints(release)
    body = {"apiVersion": "v1", "kind": "List", "items": [*wanted_ones, *sccs.rights(release)]}
    kubectl("apply", "--server-side", "--force-conflicts", "--filename", "-", stdin=json.dumps(body))
    names = {one["metadata"]["name"] for one in wanted_ones}
    present = kubectl("get", "securitycontextconstraints", "--output=jsonpath={.items[*].metadata.name}").split()
    for name in set(present) - names:  # of another release
        kubectl("delete", "securitycontextconstraints", name)
        kubectl("delete", "clusterrole,clusterrolebinding", f"system:openshift:scc:{name}", "--ignore-not-found")


def _programs(texts: dict[str, str]) -> list[Program]:
    admission, registry = (build(tools()[name]) for name in ("openshift", "registry"))
    kubeconfig, pid_file = STATE / "kubeconfig" / "admin", FOLDER / router.PID_FILE
    certificate = [f"--tls-cert-file={TLS}/admission.crt", f"--tls-private-key-file={TLS}/admission.key"]
    return [
        Program(
            "openshift-admission",
            [str(admission), f"--kubeconfig={kubeconfig}", f"--listen={WEBHOOK}", *certificate],
            ready=answers(f"https://{WEBHOOK}/healthz"),
            environment={"GOMEMLIMIT": "96MiB"},
        ),
        Program(
            "openshift-registry",
            [str(registry), "serve", str(FOLDER / "registry.yml")],
            ready=answers(f"https://{ADDRESS}:{REGISTRY.partition(':')[2]}/"),
            environment={"OTEL_TRACES_EXPORTER": "none"},
            depends=texts["registry.yml"],
        ),
        Program(
            "openshift-router",
            ["/usr/sbin/haproxy", "-W", "-f", str(FOLDER / router.CONFIGURATION), "-p", str(pid_file)],
            ready=pid_file.is_file,
            depends=texts[router.HEAD],
        ),
        Program(
            "openshift-routes",
            [sys.executable, "-m", "cluster.openshift.router", str(FOLDER), str(kubeconfig)],
            ready=lambda: True,
            environment={"PYTHONPATH": str(Path(__file__).parents[2])},
            depends=inspect.getsource(router) + inspect.getsource(service_ca),
        ),
    ]


def clear() -> None:
    """Take away what this part put onto the machine outside the node's state; its processes must have ended."""
    hosts.clear()


def write_tenant(kubeconfig: Path, user: str, group: str) -> None:
    """Write the kubeconfig of somebody who administers namespaces and nothing else.

    Args:
        kubeconfig: The file.
        user: The user's name.
        group: Its group, which bootstrap.yaml makes administrator of the platform's namespaces.
    """
    words = ["--client-name", user, "--org", group, "--config", str(STATE / "config" / "kubeadm.yaml")]
    content = yaml.safe_load(run([STATE / "bin" / "kubeadm", "kubeconfig", "user", *words]).stdout)
    content["contexts"][0]["name"] = content["current-context"] = f"{user}@openshift"
    kubeconfig.unlink(missing_ok=True)
    _private(kubeconfig, yaml.safe_dump(content, sort_keys=False))
