"""Writes ConfigMap dataops-ca, the trust that every client reads, into each namespace."""

import base64
import datetime
import hashlib

from kubernetes import client

from dataops.errors import UserError
from dataops.platform import ca
from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster
from dataops.platform.secrets import AUTHORITY, LABELS

NAME = "dataops-ca"
BUNDLE = "ca-bundle.crt"
TRUSTSTORE = "truststore.p12"
INPUT = "dataops/input"
# What OpenShift puts into each namespace: the CA of the certificates that it makes for Services.
SERVICE_CA, SERVICE_CA_KEY = "openshift-service-ca.crt", "service-ca.crt"


def ensure(cluster: Cluster, environment: Environment) -> list[str]:
    """Write the bundle and the truststore where their input changed.

    Args:
        cluster: The cluster.
        environment: The place; its `ca:` says where the private CA comes from.

    Returns:
        The namespaces that were written.

    Raises:
        UserError: The private CA is not there, or its time is over: nobody could reach S3 and the database.
    """
    content, source = private(cluster, environment)
    last = max(one.not_valid_after_utc for one in ca.parse(content, source))
    if last < datetime.datetime.now(datetime.UTC):
        raise UserError(
            f"{source} holds no certificate that is still valid, the last one expired on {last:%Y-%m-%d}: ask for the "
            "CA that signs today, and put it there"
        )
    outdated = stale(cluster, environment)
    if not outdated:
        return []
    made = bundle(cluster, environment)
    body = client.V1ConfigMap(
        metadata=client.V1ObjectMeta(name=NAME, labels=LABELS, annotations={INPUT: _digest(made)}),
        data={BUNDLE: made},
        binary_data={TRUSTSTORE: base64.b64encode(ca.truststore(made)).decode()},
    )
    for namespace, exists in outdated.items():
        if exists:
            cluster.core.replace_namespaced_config_map(NAME, namespace, body)
        else:
            cluster.core.create_namespaced_config_map(namespace, body)
    return list(outdated)


def stale(cluster: Cluster, environment: Environment) -> dict[str, bool]:
    """The namespaces whose ConfigMap is not made of today's CA, each with whether it has one at all."""
    digest = _digest(bundle(cluster, environment))
    found = {namespace: cluster.config_map(namespace, NAME) for namespace in environment.every_namespace}
    return {
        namespace: existing is not None
        for namespace, existing in found.items()
        if existing is None or (existing.metadata.annotations or {}).get(INPUT) != digest
    }


def _service_ca(cluster: Cluster, environment: Environment) -> str:
    """The CA behind the servers that speak TLS themselves."""
    where = f"{environment.servers}/{SERVICE_CA}"
    found = cluster.config_map(environment.servers, SERVICE_CA)
    if found is None or SERVICE_CA_KEY not in (found.data or {}):
        raise UserError(
            f"ConfigMap {where} with the key {SERVICE_CA_KEY} is missing, so the cluster makes no certificates for "
            "Services: set global.routes to edge"
        )
    ca.parse(found.data[SERVICE_CA_KEY].encode(), f"{SERVICE_CA_KEY} of ConfigMap {where}")
    return str(found.data[SERVICE_CA_KEY])


def bundle(cluster: Cluster, environment: Environment) -> str:
    """The system's roots, the private CA and the one behind servers that speak TLS themselves, as PEM."""
    content, source = private(cluster, environment)
    ca.parse(content, source)
    parts = [ca.system_roots(), content.decode()]
    if "reencrypt" in (environment.values.get("routes") or {}).values():
        parts.append(_service_ca(cluster, environment))
    return "".join(f"{part.rstrip()}\n" for part in parts)


def private(cluster: Cluster, environment: Environment) -> tuple[bytes, str]:
    """The private CA as PEM, and what people know it by.

    Raises:
        UserError: It is not where the environment says.
    """
    source = environment.values.get("ca") or {}
    if "file" in source:
        path = environment.path.parent / source["file"]
        if not path.is_file():
            raise UserError(
                f"{environment.path.name} names the CA file {path}, which is not there: correct global.ca.file"
            )
        return path.read_bytes(), f"the CA file {path}"
    if "configMap" in source:
        where = f"{environment.servers}/{source['configMap']}"
        found = cluster.config_map(environment.servers, source["configMap"])
        if found is None or BUNDLE not in (found.data or {}):
            raise UserError(
                f"ConfigMap {where} with the key {BUNDLE} is missing: create it, or correct global.ca.configMap"
            )
        return found.data[BUNDLE].encode(), f"{BUNDLE} of ConfigMap {where}"
    name, certificate, _ = AUTHORITY
    secret = cluster.secret(environment.servers, name)
    if secret is None:
        raise UserError(f"{environment.path.name} names no CA: set global.ca.file or global.ca.configMap")
    return secret[certificate], f"{certificate} of Secret {name}"


def _digest(made: str) -> str:
    return hashlib.sha256(made.encode()).hexdigest()
