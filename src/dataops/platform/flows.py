"""Who may reach whom: charts/platform/files/flows.yaml as data, and as the table of docs/NETWORK.md."""

from dataclasses import dataclass
from pathlib import Path

from dataops.platform.documents import read_yaml

FLOWS = Path("charts/platform/files/flows.yaml")
LABELS = "app.kubernetes.io/"


@dataclass(frozen=True)
class Kind:
    """Pods that rules treat alike, or a peer outside.

    Attributes:
        name: What flows call it.
        role: The role of its namespace; None for what is never a pod of ours.
        labels: What its pods are selected by.
        egress: The word of global.egress that names its addresses where it is not a pod.
    """

    name: str
    role: str | None
    labels: dict[str, str]
    egress: str | None


@dataclass(frozen=True)
class Flow:
    """One line of the list.

    Attributes:
        to: The kind that is reached.
        ports: Numbers, ranges, or facts that hold the number; empty means any TCP port.
        senders: The kinds that may.
    """

    to: str
    ports: tuple[str, ...]
    senders: tuple[str, ...]


@dataclass(frozen=True)
class Flows:
    """The whole list.

    Attributes:
        kinds: The kinds of pods by their names.
        flows: What is open between them.
        dns_ports: The ports on which every pod may ask for names.
    """

    kinds: dict[str, Kind]
    flows: tuple[Flow, ...]
    dns_ports: tuple[int, ...]


def read_flows(root: Path) -> Flows:
    """Read the list.

    Args:
        root: The repository root.

    Returns:
        The kinds and flows.
    """
    document = read_yaml(root / FLOWS)
    kinds = {}
    for name, said in document["pods"].items():
        labels = {f"{LABELS}{word}": said[word] for word in ("name", "component") if word in said}
        kinds[name] = Kind(name, said.get("in"), labels, said.get("egress"))
    lines = document["flows"]
    flows = tuple(Flow(one["to"], tuple(map(str, one.get("ports", []))), tuple(one["from"])) for one in lines)
    return Flows(kinds, flows, tuple(document["dns"]["ports"]))


def matrix(flows: Flows) -> str:
    """The flows as a table in Markdown, one row for each kind that sends.

    Args:
        flows: The list.

    Returns:
        Its lines, in the order of the list.
    """
    rows = ["| Pods | Namespace | May go to |", "|---|---|---|"]
    for kind in flows.kinds.values():
        goes = " · ".join(f"{flow.to}{_ports(flow)}" for flow in flows.flows if kind.name in flow.senders)
        if goes:
            rows.append(f"| {kind.name} | {kind.role or 'outside'} | {goes} |")
    return "\n".join(rows)


def _ports(flow: Flow) -> str:
    if not flow.ports:
        return " any port"
    return "".join(f" {port}" for port in flow.ports if port[0].isdigit())
