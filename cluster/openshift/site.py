"""The site around the OpenShift: the company's PostgreSQL and S3, the facts of the place, and a tenant to deploy as."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from cluster.openshift import addon
from cluster.settings import ADDRESS, KUBECONFIG, ROOT, SERVER, STATE
from dataops.platform.charts import charts_of
from dataops.platform.declarations import read_all
from dataops.platform.environment import load_environment
from dataops.platform.process import run

NAMESPACE = "site"
TENANT, TEAM = "developer", "dataops-team"
FOLDER = KUBECONFIG.parent
FACTS, TENANT_KUBECONFIG, AUTHORITY = (
    FOLDER / "openshift.yaml",
    FOLDER / f"{TENANT}.kubeconfig",
    FOLDER / "site-ca" / "ca.crt",
)
GIVEN, SERVICES = FOLDER / "given", FOLDER / "site.yaml"
S3, POSTGRES = (f"{name}.{NAMESPACE}.svc.cluster.local" for name in ("s3", "postgres"))


def ensure() -> None:
    """Install the outer services, and write the tenant's kubeconfig and the facts for `FACTS=` into the checkout."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    _kubectl("apply", "--filename", "-", stdin=json.dumps(namespace))
    SERVICES.write_text(yaml.safe_dump({"global": _services()}), encoding="utf-8")
    _deploy(SERVICES)
    secret = json.loads(_kubectl("get", "secret", "local-ca", "--output=json"))
    certificate = base64.b64decode(secret["data"]["tls.crt"]).decode()
    AUTHORITY.parent.mkdir(exist_ok=True)  # a folder of its own, as REGISTRY_CERT_DIR wants it
    AUTHORITY.write_text(addon.trust() + certificate, encoding="utf-8")
    _hand_over()
    FACTS.write_text(yaml.safe_dump({"global": facts()}, sort_keys=False), encoding="utf-8")
    addon.write_tenant(TENANT_KUBECONFIG, TENANT, TEAM)
    print(
        f"    OpenShift: export KUBECONFIG={TENANT_KUBECONFIG} FACTS={FACTS} REGISTRY_CERT_DIR={AUTHORITY.parent}",
        file=sys.stderr,
    )


def clear() -> None:
    """Take away what this part wrote into the checkout."""
    for file in (FACTS, SERVICES, TENANT_KUBECONFIG):
        file.unlink(missing_ok=True)
    for folder in (GIVEN, AUTHORITY.parent):
        shutil.rmtree(folder, ignore_errors=True)


def _hand_over() -> None:
    """Write the values that only the owners of the services have, as they would give them to the platform's team."""
    GIVEN.mkdir(mode=0o700, exist_ok=True)
    place = load_environment(ROOT, "openshift")
    for secret in read_all(charts_of(ROOT, place), place).values():
        keys = [key for key, wanted in secret.keys.items() if wanted.given]
        if keys:
            data = json.loads(_kubectl("get", "secret", secret.name, "--output=json"))["data"]
            for key in keys:
                path = GIVEN / f"{secret.name}.{key}"
                path.touch(mode=0o600)
                path.write_bytes(base64.b64decode(data[key]))


def _kubectl(*words: str, stdin: str | None = None) -> str:
    command: list[str | Path] = [STATE / "bin" / "kubectl", "--kubeconfig", KUBECONFIG, "--namespace", NAMESPACE]
    return run([*command, *words], stdin=stdin).stdout


def facts() -> dict[str, object]:
    """The facts of the place that differ from environments/openshift.yaml."""
    inside = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": NAMESPACE}}}
    return {
        "registry": f"{addon.REGISTRY}/dataops",
        "domain": addon.DOMAIN,
        "s3": {"endpointUrl": f"https://{S3}:9000"},
        "database": {"host": POSTGRES},
        "ca": {"file": str(AUTHORITY.relative_to(FOLDER))},
        "apiServer": {"url": SERVER},
        "egress": {
            "apiServer": [{"ipBlock": {"cidr": f"{ADDRESS}/32"}}],
            "s3": [inside],
            "database": [dict(inside)],
        },
    }


def _services() -> dict[str, object]:
    """The facts that local-services is installed with, beside environments/local.yaml."""
    return {
        "namespaces": dict.fromkeys(("servers", "users", "jobs"), NAMESPACE),
        "exposure": "none",
        "s3": {"endpointUrl": f"https://{S3}:9000"},
        "database": {"host": POSTGRES},
    }


def _deploy(own: Path) -> None:
    """Install the services by a program of its own, as a person would; end with it when it fails, it has said why."""
    settings = {
        "ENV": "local",
        "CLUSTER": "current",
        "KUBECONFIG": str(KUBECONFIG),
        "FACTS": str(own),
        "SMOKE": "never",
    }
    environment = {name: value for name, value in os.environ.items() if name != "OPENSHIFT"} | settings
    command = [str(Path(sys.executable).with_name("dataops")), "deploy", "--chart", "local-services"]
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        sys.exit(1)
