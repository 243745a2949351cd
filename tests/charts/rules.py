"""NetworkPolicies as Kubernetes reads them: whether those of one end of a connection let it through."""

from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from tests.charts.harness import Object

PEERS = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}


@dataclass(frozen=True)
class Party:
    """A pod, or with an address instead something outside.

    Attributes:
        namespace: Where the pod is.
        labels: The pod's.
        address: Of what is no pod.
        namespace_labels: What the namespace carries beside its name.
    """

    namespace: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    address: str = ""
    namespace_labels: dict[str, str] = field(default_factory=dict)


def selects(selector: Object, labels: dict[str, str]) -> bool:
    """Whether a label selector takes these labels."""
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    for one in selector.get("matchExpressions", []):
        assert one["operator"] == "In", f"this reading knows no {one['operator']}"
        if labels.get(one["key"]) not in one["values"]:
            return False
    return True


def lets(policies: list[Object], way: str, pod: Party, other: Party, port: int, protocol: str = "TCP") -> bool:
    """Whether the policies of a pod let it be reached by (Ingress) or go to (Egress) somebody else."""
    rules, peers = PEERS[way]
    mine = [
        policy["spec"]
        for policy in policies
        if policy["metadata"]["namespace"] == pod.namespace
        and way in policy["spec"]["policyTypes"]
        and selects(policy["spec"]["podSelector"], pod.labels)
    ]
    return not mine or any(
        _names(rule.get(peers), pod.namespace, other) and _opens(rule.get("ports"), port, protocol)
        for spec in mine
        for rule in spec.get(rules, [])
    )


def _names(peers: list[Object] | None, here: str, other: Party) -> bool:
    return not peers or any(_is(peer, here, other) for peer in peers)


def _is(peer: Object, here: str, other: Party) -> bool:
    if "ipBlock" in peer or other.address:
        block = peer.get("ipBlock")
        inside = bool(block and other.address) and ip_address(other.address) in ip_network(peer["ipBlock"]["cidr"])
        return inside and not any(
            ip_address(other.address) in ip_network(one) for one in peer["ipBlock"].get("except", [])
        )
    labels = {"kubernetes.io/metadata.name": other.namespace, **other.namespace_labels}
    fits = selects(peer["namespaceSelector"], labels) if "namespaceSelector" in peer else other.namespace == here
    return fits and selects(peer.get("podSelector", {}), other.labels)


def _opens(ports: list[dict[str, Any]] | None, port: int, protocol: str) -> bool:
    return not ports or any(
        one["protocol"] == protocol and ("port" not in one or one["port"] <= port <= one.get("endPort", one["port"]))
        for one in ports
    )
