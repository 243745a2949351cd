"""A small router for tests: writes HAProxy's configuration from Route objects, and reports each as admitted.

It runs beside HAProxy as a process of the node: `python -m cluster.openshift.router <folder> <kubeconfig>`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kubernetes import client, config

from cluster.openshift import service_ca

GROUP = "route.openshift.io"
SECONDS = 1.0
# in the folder of the node's state that it is given, beside the folder `tls`
HEAD, CONFIGURATION, PID_FILE = "haproxy-head.cfg", "haproxy.cfg", "haproxy.pid"

Object = dict[str, Any]
Addresses = dict[tuple[str, str, str], list[str]]


def admitted(routes: Iterable[Object]) -> dict[str, Object]:
    """The Route that each host belongs to: the oldest, as OpenShift's router decides."""
    found: dict[str, Object] = {}
    for route in sorted(routes, key=lambda one: (one["metadata"]["creationTimestamp"], one["metadata"]["uid"])):
        found.setdefault(route["spec"]["host"], route)
    return found


def configuration(routes: dict[str, Object], addresses: Addresses, authority: Path) -> str:
    """What HAProxy needs beyond its head.

    Args:
        routes: The Route of each host.
        addresses: `address:port` of the ready pods by namespace, Service and name of the port.
        authority: Certificate of the CA that signs for Services.

    Returns:
        The rest of the frontend, and a backend for each Route.
    """
    rules, backends = [], []
    for host, route in sorted(routes.items()):
        name = f"{route['metadata']['namespace']}_{route['metadata']['name']}"
        rules.append(f"  use_backend {name} if {{ hdr(host),field(1,:) -i {host} }}")
        spec = route["spec"]
        service = f"{spec['to']['name']}.{route['metadata']['namespace']}.svc"
        trusted = f" ssl verify required ca-file {authority} verifyhost {service} sni str({service})"
        inner = trusted if spec.get("tls", {}).get("termination") == "reencrypt" else ""
        key = (route["metadata"]["namespace"], spec["to"]["name"], str(spec.get("port", {}).get("targetPort", "")))
        servers = [f"  server pod{number} {one}{inner}" for number, one in enumerate(addresses.get(key, []))]
        backends += [f"backend {name}", *servers]
    return "\n".join([*rules, *backends, ""])


def status(route: Object, winner: bool) -> Object:
    """The status of a Route, as OpenShift's router writes it."""
    condition = {"type": "Admitted", "status": "True" if winner else "False"}
    if not winner:
        host = route["spec"]["host"]
        condition |= {"reason": "HostAlreadyClaimed", "message": f"another route already exposes {host}"}
    return {"ingress": [{"host": route["spec"]["host"], "routerName": "default", "conditions": [condition]}]}


def _addresses(core: Any) -> Addresses:
    found: Addresses = {}
    for one in core.list_endpoints_for_all_namespaces().items:
        for subset in one.subsets or []:
            for port in subset.ports or []:
                where = (one.metadata.namespace, one.metadata.name, port.name or "")
                found.setdefault(where, []).extend(f"{each.ip}:{port.port}" for each in subset.addresses or [])
    return found


def _look(core: Any, objects: Any, tls: Path) -> str:
    authority = tls / "ca.crt"
    service_ca.serve(core, authority.read_text(encoding="utf-8"), (tls / "ca.key").read_text(encoding="utf-8"))
    routes = objects.list_cluster_custom_object(GROUP, "v1", "routes")["items"]
    winners = admitted(routes)
    for route in routes:
        wanted = status(route, winners[route["spec"]["host"]] is route)
        if route.get("status") != wanted:
            about = route["metadata"]
            body = {"status": wanted}
            objects.patch_namespaced_custom_object_status(
                GROUP, "v1", about["namespace"], "routes", about["name"], body
            )
    return configuration(winners, _addresses(core), authority)


def main() -> None:
    """Follow the Routes until the process is told to end."""
    folder, kubeconfig = Path(sys.argv[1]), sys.argv[2]
    head, target, pid_file = (folder / name for name in (HEAD, CONFIGURATION, PID_FILE))
    config.load_kube_config(kubeconfig)  # type: ignore[no-untyped-call]  # the client's own gap
    core, objects = client.CoreV1Api(), client.CustomObjectsApi()
    last = None
    while True:
        try:
            text = head.read_text(encoding="utf-8") + _look(core, objects, folder / "tls")
        except Exception as error:  # noqa: BLE001 - the API server may be away, the next look is in a moment
            print(f"router: {error}", file=sys.stderr, flush=True)
        else:
            if text != last:
                target.write_text(text, encoding="utf-8")
                os.kill(int(pid_file.read_text(encoding="utf-8")), signal.SIGUSR2)  # HAProxy reads it anew
                last = text
        time.sleep(SECONDS)


if __name__ == "__main__":
    main()
