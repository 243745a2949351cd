"""Every container says what it needs, and on ENV=local all of them fit beside a user on a small machine."""

import re

import pytest

from tests.charts.harness import Rendered, Variant, charts, environments, every_pod, every_server, render

# Of 700 millicores for platform and system pods, CoreDNS and the storage provisioner ask for these.
SYSTEM_MILLICORES = 100
UNITS = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def millicores(amount: str) -> float:
    return float(amount[:-1]) if amount.endswith("m") else float(amount) * 1000


def size(amount: str) -> float:
    match = re.fullmatch(r"([0-9.]+)(\w*)", amount)
    assert match, f"{amount} is no amount"
    return float(match[1]) * UNITS[match[2]]


@pytest.mark.parametrize("pod", every_pod(), ids=str)
def test_requests_and_limits(pod: Rendered) -> None:
    for container in pod.containers:
        resources = container.get("resources", {})
        for bound in ("requests", "limits"):
            for what in ("cpu", "memory"):
                assert resources.get(bound, {}).get(what), f"{pod}/{container['name']}: no {bound}.{what}"
        requests, limits = resources["requests"], resources["limits"]
        assert millicores(str(requests["cpu"])) <= millicores(str(limits["cpu"])), f"{pod}/{container['name']}: cpu"
        assert size(requests["memory"]) <= size(limits["memory"]), f"{pod}/{container['name']}: memory"


def test_servers_of_local_fit_a_small_machine() -> None:
    total = 0.0
    for chart in charts():
        if "local" not in environments(chart):
            continue
        for item in render(Variant(chart, "local")):
            if item["kind"] in ("Deployment", "StatefulSet"):
                for container in item["spec"]["template"]["spec"]["containers"]:
                    total += item["spec"]["replicas"] * millicores(str(container["resources"]["requests"]["cpu"]))
    assert (
        total + SYSTEM_MILLICORES <= 700
    ), f"the platform asks for {total:.0f} m CPU: users get what is left of 2 cores"


@pytest.mark.parametrize("server", every_server(), ids=str)
def test_probes(server: Rendered) -> None:
    for container in server.pod["containers"]:
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert probe in container, f"{server}/{container['name']}: no {probe}"
        startup = container["startupProbe"]
        assert startup["periodSeconds"] <= 2, f"{server}/{container['name']}: a slow startup probe delays every start"
        patience = startup["periodSeconds"] * startup["failureThreshold"]
        assert patience >= 60, f"{server}/{container['name']}: {patience} s is short for a busy machine"
