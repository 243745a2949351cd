"""Every cell of the flow matrix, with real connections between pods that start after the policies."""

from __future__ import annotations

from urllib.parse import urlsplit

from dataops.platform.flows import Flows, read_flows
from dataops.platform.smoke.context import Context
from tests.e2e.inside.reach import NAMESERVER
from tests.e2e.probes import Cell, Target, differences, listening, reached
from tests.matrix import End, allowed, ends, may, ports, s3_port

PRIVILEGED = 1024  # nobody without rights listens below
KUBELET = 10250
# labels that open much, in a namespace that is not the platform's
FORGED, ELSEWHERE = ("proxy", "notebook", "job-driver"), "default"


def servers(platform: Context, flows: Flows, sender: End) -> dict[Target, bool]:
    """What really runs, and whether a sender should reach it."""
    facts, api = platform.environment, urlsplit(platform.cluster.server)
    s3, database = urlsplit(facts.get("s3.endpointUrl")), facts.get("database")
    node, port = str(api.hostname), api.port or 443

    def can(kind: str, number: int) -> bool:
        return may(flows, facts, sender, kind, number)

    return {
        ("the cluster's DNS", NAMESERVER, 53): True,
        ("the API server's Service", "kubernetes.default.svc", 443): can("api-server", 443),
        ("the API server", node, port): can("api-server", port),
        ("the node's kubelet", node, KUBELET): False,
        ("the S3 store", str(s3.hostname), s3_port(facts)): can("s3", s3_port(facts)),
        ("the database", database["host"], database["port"]): can("database", database["port"]),
    }


def test_every_cell_of_the_matrix_is_as_the_list_says(platform: Context) -> None:
    flows, facts = read_flows(platform.root), platform.environment
    everybody = ends(flows, facts)
    # on a cluster that is ours alone; elsewhere other namespaces are not for us to use
    forged = [End(f"{end.name} of {ELSEWHERE}", ELSEWHERE, end.labels) for end in everybody if end.name in FORGED]
    numbers = [port for port in ports(flows, facts) if port >= PRIVILEGED]
    wanted: dict[Cell, bool] = {}
    targets: dict[End, list[Target]] = {}

    with listening(platform, everybody, numbers) as addresses:
        for sender in [*everybody, *(forged if facts.local else [])]:
            cells = {} if sender in forged else servers(platform, flows, sender)
            for receiver in everybody:
                for port in numbers:
                    target = (f"{receiver.name} {port}", addresses[receiver.name], port)
                    cells[target] = allowed(flows, facts, sender, receiver, port)
            wanted |= {(sender.name, to): is_open for (to, _, _), is_open in cells.items()}
            targets[sender] = list(cells)
        seen = reached(platform, targets)

    print(f"{len(wanted)} cells tried, {sum(wanted.values())} of them open, from {len(targets)} kinds of senders")
    assert sum(wanted.values()) > len(flows.flows)
    assert differences(wanted, seen) == []
