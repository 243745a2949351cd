"""What the list of flows promises, cell by cell: who sends, who is reached, and on which port."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dataops.platform.environment import Environment
from dataops.platform.flows import LABELS, Flow, Flows, Kind

NOBODYS_PORT = 40404
"""One that no flow names: it is open only where any port is."""


@dataclass(frozen=True)
class End:
    """One end of a connection: pods of a namespace that carry these labels.

    Attributes:
        name: For messages.
        namespace: Where they are.
        labels: What policies can select them by.
    """

    name: str
    namespace: str
    labels: dict[str, str] = field(hash=False)


def is_here(kind: Kind, environment: Environment) -> bool:
    """Whether a kind's pods are in this place: local-services is on ENV=local only."""
    return kind.role is not None and (environment.local or kind.labels.get(f"{LABELS}name") != "local-services")


def ends(flows: Flows, environment: Environment) -> list[End]:
    """Every kind of pods that is here, and in each namespace one that nobody knows."""
    here = [kind for kind in flows.kinds.values() if is_here(kind, environment)]
    known = [End(k.name, name, k.labels) for k in here if k.role for name in environment.places(k.role)]
    strangers = [End(f"stranger in {name}", name, {"app": "stranger"}) for name in sorted(environment.every_namespace)]
    return known + strangers


def ranges(flow: Flow, environment: Environment) -> list[range]:
    """The ports that a flow opens."""
    found = []
    for word in flow.ports or ("1-65535",):
        if word == "s3.endpointUrl":
            word = str(s3_port(environment))
        elif word == "database.port":
            word = str(environment.get(word))
        first, _, last = word.partition("-")
        found.append(range(int(first), int(last or first) + 1))
    return found


def s3_port(environment: Environment) -> int:
    """The port of the S3 store."""
    url = urlsplit(environment.get("s3.endpointUrl"))
    return url.port or {"http": 80, "https": 443}[url.scheme]


def ports(flows: Flows, environment: Environment) -> list[int]:
    """Ports that tell the rules apart: each that is named, both sides of each end of a range, a DNS port, nobody's."""
    found = {*flows.dns_ports, NOBODYS_PORT}
    for flow in (one for one in flows.flows if one.ports):
        for numbers in ranges(flow, environment):
            found |= {numbers[0], numbers[-1]}
            found |= {numbers[0] - 1, numbers[-1] + 1} if len(numbers) > 1 else set()
    return sorted(found)


def belongs(end: End, kind: Kind, environment: Environment) -> bool:
    """Whether pods are of a kind."""
    mine = kind.role is not None and end.namespace in environment.places(kind.role)
    return mine and is_here(kind, environment) and kind.labels.items() <= end.labels.items()


def may(flows: Flows, environment: Environment, sender: End, to: str, port: int) -> bool:
    """Whether the list lets pods reach a kind, which may be outside."""
    return any(
        flow.to == to
        and any(port in numbers for numbers in ranges(flow, environment))
        and any(belongs(sender, flows.kinds[name], environment) for name in flow.senders)
        for flow in flows.flows
    )


def allowed(flows: Flows, environment: Environment, sender: End, receiver: End, port: int) -> bool:
    """Whether the list lets pods reach others; what people run meets only what runs in the same namespace."""
    people = environment.places("users")
    if sender.namespace != receiver.namespace and {sender.namespace, receiver.namespace} <= set(people):
        return False
    kinds = [kind.name for kind in flows.kinds.values() if belongs(receiver, kind, environment)]
    return any(may(flows, environment, sender, name, port) for name in kinds)
