"""Nothing enters or leaves a pod but the flows of charts/platform/files/flows.yaml, whichever way policies are read."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
import yaml

from dataops.platform.environment import METADATA, Environment, load_environment
from dataops.platform.flows import read_flows
from tests.charts.harness import ROOT, Variant, environments, template
from tests.charts.rules import Party, lets
from tests.matrix import End, allowed, ends, is_here, may, ports, s3_port

TABLE = read_flows(ROOT)
ENVS = environments("platform")
ROUTER = {"policy-group.network.openshift.io/ingress": ""}


def place(env: str, way: str) -> Environment:
    """The facts of a place, with three namespaces, with one for everything, or with one for each person."""
    facts = load_environment(ROOT, env)
    namespaces = {role: "dataops" for role in facts.namespaces} if way == "one" else facts.namespaces
    users = ["anna", "ben"] if way == "each" else []
    return replace(facts, values={**facts.values, "namespaces": namespaces, "users": users})


PLACES = {f"{env}-{way}": place(env, way) for env in ENVS for way in ("three", "one", "each")}
EVERYWHERE = pytest.mark.parametrize("name", PLACES)
POLICIES = {
    name: [
        item
        for item in yaml.safe_load_all(
            template(
                Variant("platform", facts.name), namespaces=facts.values["namespaces"], users=facts.values["users"]
            ).stdout
        )
        if item and item["kind"] == "NetworkPolicy"
    ]
    for name, facts in PLACES.items()
}


def party(end: End) -> Party:
    return Party(end.namespace, end.labels)


def outside(facts: Environment, kind: str) -> tuple[str, int] | None:
    """An address of what is not in the cluster, and a port that it is reached on."""
    peers = facts.values["egress"].get(TABLE.kinds[kind].egress)
    port = {"s3": s3_port(facts), "database": facts.get("database.port"), "api-server": 6443}[kind]
    return (str(ip_network(peers[0]["ipBlock"]["cidr"])[0]), port) if peers else None


@EVERYWHERE
def test_default_is_deny_both_ways(name: str) -> None:
    found = {o["metadata"]["namespace"]: o["spec"] for o in POLICIES[name] if o["metadata"]["name"] == "default-deny"}
    wanted = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert found == {namespace: wanted for namespace in PLACES[name].every_namespace}


@EVERYWHERE
def test_each_policy_is_made_once(name: str) -> None:
    names = [(o["metadata"]["namespace"], o["metadata"]["name"]) for o in POLICIES[name]]
    facts = PLACES[name]
    here = [kind for kind in TABLE.kinds.values() if is_here(kind, facts)]
    kinds = [(namespace, kind.name) for kind in here if kind.role for namespace in facts.places(kind.role)]
    spaces = facts.every_namespace
    assert sorted(names) == sorted([*kinds, *((s, word) for s in spaces for word in ("default-deny", "dns"))])


@EVERYWHERE
def test_every_rule_names_its_peers_and_ports_once(name: str) -> None:
    """Kubernetes reads an empty list of peers as everybody."""
    for policy in POLICIES[name]:
        for way, word in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(way, []):
                where = f"{policy['metadata']['name']}: {rule}"
                assert rule[word] and rule["ports"], where
                assert all(rule[word].count(peer) == 1 and peer for peer in rule[word]), where


@EVERYWHERE
def test_both_sides_open_what_the_list_says_and_nothing_else(name: str) -> None:
    facts, policies, open_cells = PLACES[name], POLICIES[name], 0
    numbers = ports(TABLE, facts)
    everybody = ends(TABLE, facts)
    for sender in everybody:
        for receiver in everybody:
            for port in numbers:
                wanted = allowed(TABLE, facts, sender, receiver, port)
                cell = f"{sender.name} -> {receiver.name} {port}: the list says {wanted}"
                assert lets(policies, "Egress", party(sender), party(receiver), port) is wanted, f"leaving, {cell}"
                assert lets(policies, "Ingress", party(receiver), party(sender), port) is wanted, f"entering, {cell}"
                open_cells += wanted
    assert open_cells > len(TABLE.flows)


@EVERYWHERE
@pytest.mark.parametrize("kind", ["s3", "database", "api-server"])
def test_what_is_outside_is_open_to_its_senders_only(name: str, kind: str) -> None:
    facts = PLACES[name]
    if (where := outside(facts, kind)) is None:
        assert facts.local and kind != "api-server", f"{name} says nowhere where {kind} is"
        return
    there, port = Party(address=where[0]), where[1]
    for sender in ends(TABLE, facts):
        wanted = may(TABLE, facts, sender, kind, port)
        assert lets(POLICIES[name], "Egress", party(sender), there, port) is wanted, sender.name
        assert not lets(POLICIES[name], "Egress", party(sender), there, 10250), f"{sender.name}: another port"


@EVERYWHERE
@pytest.mark.parametrize("protocol", ["UDP", "TCP"])
def test_every_pod_may_ask_the_cluster_for_names_and_nobody_else(name: str, protocol: str) -> None:
    servers = [(Party(namespace), True) for namespace in ("kube-system", "openshift-dns")]
    others = [(Party("default"), False), (Party(address="203.0.113.53"), False)]
    for sender in ends(TABLE, PLACES[name]):
        for server, asked in servers + others:
            for port, open_port in ((53, True), (5353, True), (54, False)):
                found = lets(POLICIES[name], "Egress", party(sender), server, port, protocol)
                assert found is (asked and open_port), f"{sender.name} -> {server} {port}"


@EVERYWHERE
def test_labels_of_ours_open_nothing_to_another_namespace(name: str) -> None:
    facts = PLACES[name]
    for forged in ends(TABLE, facts):
        for receiver in ends(TABLE, facts):
            for port in ports(TABLE, facts):
                assert not lets(POLICIES[name], "Ingress", party(receiver), Party("default", forged.labels), port)


@EVERYWHERE
def test_the_router_reaches_what_is_exposed_and_nothing_else(name: str) -> None:
    facts = PLACES[name]
    exposed = {("proxy", 8000), ("mlflow", 5000), ("airflow-api-server", 8080), ("spark-history", 18080)}
    router = Party("router", {}, namespace_labels=ROUTER)
    found = {
        (receiver.name, port)
        for receiver in ends(TABLE, facts)
        for port in ports(TABLE, facts)
        if lets(POLICIES[name], "Ingress", party(receiver), router, port)
    }
    assert found == (exposed if facts.values["exposure"] == "route" else set())


def test_without_exposure_the_router_is_a_stranger() -> None:
    done = template(Variant("platform", "openshift"), exposure="none")
    assert done.returncode == 0 and "policy-group" not in done.stdout


@EVERYWHERE
def test_the_metadata_address_is_in_no_rule(name: str) -> None:
    for policy in POLICIES[name]:
        for rule in policy["spec"].get("egress", []):
            for block in (peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer):
                exceptions = [ip_network(one) for one in block.get("except", [])]
                held = METADATA in ip_network(block["cidr"]) and not any(METADATA in one for one in exceptions)
                assert not held, f"{policy['metadata']['name']}: {block}"
    for sender in ends(TABLE, PLACES[name]):
        for port in (80, 443, *ports(TABLE, PLACES[name])):
            assert not lets(POLICIES[name], "Egress", party(sender), Party(address=str(METADATA)), port), sender.name


def test_exceptions_of_the_facts_reach_the_rules() -> None:
    blocks = [{"ipBlock": {"cidr": "0.0.0.0/0", "except": [f"{METADATA}/32"]}}]
    done = template(Variant("platform", "openshift"), **{"egress.git": blocks})
    policies = [o for o in yaml.safe_load_all(done.stdout) if o and o["kind"] == "NetworkPolicy"]
    notebook = next(party(end) for end in ends(TABLE, PLACES["openshift-three"]) if end.name == "notebook")
    assert lets(policies, "Egress", notebook, Party(address="203.0.113.9"), 22)
    assert not lets(policies, "Egress", notebook, Party(address=str(METADATA)), 80)
