"""Connection: certificate and clock."""

import ssl
import time
from collections.abc import Iterator
from socket import create_connection

from dataops.s3.check.access import SKEW_ALLOWED, host, skew
from dataops.s3.check.findings import Finding, Status, verdict
from dataops.s3.check.store import Store

TITLE, ORDER = "connection", 10
_SOON_DAYS = 21
_CLOSE_SECONDS = 120


def probe(store: Store) -> Iterator[Finding]:
    """Look at the certificate's last day and at both clocks."""
    if store.wire.tls:
        yield _certificate(store)
    else:
        yield Finding(
            "connection.tls",
            Status.DEGRADED,
            "the store is reached by http",
            "data and signatures can be read and changed by whoever is between",
            "s3.endpointUrl: https://...",
        )
    off = skew(store.send("GET", query={"list-type": "2", "max-keys": "1"}))
    yield verdict(
        "connection.clock",
        None if abs(off) < _CLOSE_SECONDS else f"the clocks differ by {off:.0f} s",
        "the clocks agree",
        otherwise=Status.DEGRADED,
        consequence=f"from {SKEW_ALLOWED} s on every request is refused",
        setting="NTP on both sides",
    )


def _certificate(store: Store) -> Finding:
    ca = store.wire.settings.ca_bundle()
    context = ssl.create_default_context(cafile=str(ca) if ca else None)
    name, port = host(store.wire.endpoint)
    with create_connection((name, port), timeout=5) as plain, context.wrap_socket(plain, server_hostname=name) as tls:
        told, version = tls.getpeercert() or {}, tls.version()
    days = (ssl.cert_time_to_seconds(str(told["notAfter"])) - time.time()) / 86400
    seen = f"{version}, the certificate is trusted and holds for {days:.0f} more days"
    return verdict(
        "connection.tls",
        seen if days < _SOON_DAYS else None,
        seen,
        otherwise=Status.DEGRADED,
        consequence="from then on every client refuses the store",
        setting="a new certificate, by whoever runs the store",
    )
