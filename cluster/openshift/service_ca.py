"""Certificates for Services that ask for one by annotation, and the CA behind them in every namespace."""

from __future__ import annotations

from typing import Any

from kubernetes import client

from dataops.platform import ca

ASKS = "service.beta.openshift.io/serving-cert-secret-name"
TRUSTED, KEY = "openshift-service-ca.crt", "service-ca.crt"


def serve(core: Any, certificate: str, key: str) -> None:
    """Make what is missing.

    Args:
        core: The API server's core group, as its administrator.
        certificate: The CA's certificate, as PEM.
        key: Its key.
    """
    for service in core.list_service_for_all_namespaces().items:
        about = service.metadata
        name = (about.annotations or {}).get(ASKS)
        if name and name not in {one.metadata.name for one in core.list_namespaced_secret(about.namespace).items}:
            host = f"{about.name}.{about.namespace}.svc"
            pair = ca.new_server(certificate, key, [host, f"{host}.cluster.local"])
            body = client.V1Secret(
                metadata=client.V1ObjectMeta(name=name),
                type="kubernetes.io/tls",
                string_data=dict(zip(("tls.crt", "tls.key"), pair, strict=True)),
            )
            core.create_namespaced_secret(about.namespace, body)
    having = {
        one.metadata.namespace
        for one in core.list_config_map_for_all_namespaces(field_selector=f"metadata.name={TRUSTED}").items
    }
    for namespace in core.list_namespace().items:
        if namespace.status.phase == "Active" and namespace.metadata.name not in having:
            trusted = client.V1ConfigMap(metadata=client.V1ObjectMeta(name=TRUSTED), data={KEY: certificate})
            core.create_namespaced_config_map(namespace.metadata.name, trusted)
