"""S3 and PostgreSQL from inside the cluster: names, certificates, clock, version, and what each account may do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from dataops.platform.declarations import read_all
from dataops.platform.doctor import probe
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, Severity, ok
from dataops.platform.smoke.context import CheckFailed
from dataops.platform.smoke.pods import MARK, run_pod
from dataops.pods import job_pod

ORDER = 80
SECONDS = 150.0
INSIDE = (".svc", ".svc.cluster.local")


def check(context: Context) -> Iterator[Finding]:
    """Run the probe in a pod of each kind once there is something to run it with; before that, look from here."""
    if not context.deployed:
        yield from _from_here(context)
        return
    for role in ("jobs", "servers"):
        try:
            found = run_pod(context, probe_pod(context, role), SECONDS)["findings"]
        except CheckFailed as failure:
            yield Finding("error", f"the probe in {role}: {failure}", "put right what it names", "probe")
            continue
        for told in found:
            yield _finding(told)


def _from_here(context: Context) -> Iterator[Finding]:
    environment = context.environment
    endpoint = str(environment.get("s3.endpointUrl"))
    host, port = str(environment.get("database.host")), int(environment.get("database.port"))
    if any((name or "").endswith(INSIDE) for name in (urlsplit(endpoint).hostname, host)):
        yield ok(f"S3 and PostgreSQL are inside the cluster, looked at after the first `{context.command}`")
        return
    sslmode = str(environment.get("database.sslmode"))
    for told in probe.outside(endpoint, (host, port), sslmode, context.trusted()):
        yield _finding(told)
    yield ok(f"accounts and rights there are looked at after the first `{context.command}`")


def _finding(told: probe.Found) -> Finding:
    severity, what, fix, name = told
    return Finding(cast(Severity, severity), what, fix, name)


def probe_pod(context: Context, role: str) -> dict[str, Any]:
    """A job's pod, or one among the servers with their Secrets as files, that runs the probe.

    The labels are those of a task and of `helm test`, which NetworkPolicies let to S3 and the database.
    """
    pod = job_pod(image=context.job_image, component="test" if role == "servers" else "task", size="small", spark=False)
    spec, container = pod["spec"], pod["spec"]["containers"][0]
    container["args"] = ["python", "-c", Path(probe.__file__).read_text(encoding="utf-8"), role]
    pod["metadata"]["labels"][MARK] = role
    pod["metadata"] |= {"generateName": f"doctor-{role}-", "namespace": context.environment.namespaces[role]}
    spec["imagePullSecrets"] = context.environment.values.get("imagePullSecrets") or []
    if role == "servers":
        spec["serviceAccountName"] = "default"
        container["envFrom"] = [{"configMapRef": {"name": "dataops-env"}}]
        spec["volumes"] = [one for one in spec["volumes"] if one["name"] != "catalog"]
        container["volumeMounts"] = [one for one in container["volumeMounts"] if one["name"] != "catalog"]
        for name in _server_secrets(context):
            # a missing one is said by another check
            spec["volumes"].append({"name": name, "secret": {"secretName": name, "optional": True}})
            mount = {"name": name, "mountPath": str(probe.MOUNTS / name), "readOnly": True}
            container["volumeMounts"].append(mount)
    return pod


def _server_secrets(context: Context) -> list[str]:
    """The Secrets of the servers that open a database or S3."""
    return [
        entry.name
        for entry in read_all(context.charts, context.environment).values()
        if "servers" in entry.namespaces
        and (
            "S3_ACCESS_KEY_ID" in entry.keys
            or any("postgresql+psycopg2://" in (key.value or "") for key in entry.keys.values())
        )
    ]
