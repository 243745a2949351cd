"""The parts of OpenShift that the node plays beside its admission: constraints, Routes, names and its release."""

from pathlib import Path
from typing import Any

import pytest

from cluster.openshift import addon, hosts, router, sccs
from dataops.errors import UserError

# OpenShift's admission waits until it sees each of these
STANDARD = {
    *("anyuid", "hostaccess", "hostmount-anyuid", "hostnetwork", "hostnetwork-v2"),
    *("nonroot", "nonroot-v2", "privileged", "restricted", "restricted-v2"),
}


def route(name: str, host: str, made: str, termination: str = "edge") -> dict[str, Any]:
    """A Route as the API server hands it out."""
    return {
        "metadata": {"name": name, "namespace": "dataops", "uid": name, "creationTimestamp": made},
        "spec": {
            "host": host,
            "to": {"name": f"{name}-service"},
            "port": {"targetPort": "http"},
            "tls": {"termination": termination},
        },
    }


@pytest.mark.parametrize("release", sccs.releases())
def test_every_standard_constraint_is_there_whole(release: str) -> None:
    found = {one["metadata"]["name"]: one for one in sccs.constraints(release)}
    assert STANDARD <= set(found)
    fields = {"runAsUser", "fsGroup", "supplementalGroups", "seLinuxContext", "volumes", "priority", "users", "groups"}
    assert all(fields <= set(one) and "since" not in one and "moreVolumes" not in one for one in found.values())


def test_the_releases_differ_where_openshift_does() -> None:
    old, new = ({one["metadata"]["name"]: one for one in sccs.constraints(name)} for name in ("4.12", "current"))
    assert set(new) - set(old) == {"restricted-v3", "hostmount-anyuid-v2", "nested-container"}
    assert set(new["restricted-v2"]["volumes"]) - set(old["restricted-v2"]["volumes"]) == {"csi", "image"}
    assert old["restricted-v2"] | {"volumes": []} == new["restricted-v2"] | {"volumes": []}


def test_nobody_may_use_more_than_the_release_gives_everybody() -> None:
    bound = [one["metadata"]["name"] for one in sccs.rights("4.12") if one["kind"] == "ClusterRoleBinding"]
    assert bound == ["system:openshift:scc:restricted-v2"]
    roles = [one for one in sccs.rights("4.12") if one["kind"] == "ClusterRole"]
    assert all(len(one["rules"]) == 1 and one["rules"][0]["verbs"] == ["use"] for one in roles)


def test_the_release_is_typed_or_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(addon, "RELEASE", tmp_path / "release")
    monkeypatch.delenv("OPENSHIFT", raising=False)
    assert addon.wanted() is None
    (tmp_path / "release").write_text("4.12\n")
    assert addon.wanted() == "4.12"
    monkeypatch.setenv("OPENSHIFT", "1")
    assert addon.wanted() == "current"
    monkeypatch.setenv("OPENSHIFT", "3.11")
    with pytest.raises(UserError, match="^OPENSHIFT=3.11 is unknown: choose one of 1, 4.12, current$"):
        addon.wanted()


def test_a_host_belongs_to_the_oldest_route_and_the_other_is_told() -> None:
    old, new = route("a", "hub.test", "2026-01-01T00:00:00Z"), route("b", "hub.test", "2026-01-02T00:00:00Z")
    assert router.admitted([new, old]) == {"hub.test": old}
    (condition,) = router.status(new, False)["ingress"][0]["conditions"]
    assert (condition["status"], condition["reason"]) == ("False", "HostAlreadyClaimed")
    assert router.status(old, True)["ingress"][0]["conditions"] == [{"type": "Admitted", "status": "True"}]


def test_a_route_leads_to_the_ready_pods_of_its_service() -> None:
    routes = {"hub.test": route("hub", "hub.test", "t"), "lab.test": route("lab", "lab.test", "t", "reencrypt")}
    addresses = {
        ("dataops", "hub-service", "http"): ["10.0.0.1:8000"],
        ("dataops", "lab-service", "http"): ["10.0.0.2:1"],
    }
    text = router.configuration(routes, addresses, Path("ca.crt"))
    assert "use_backend dataops_hub if { hdr(host),field(1,:) -i hub.test }" in text
    assert "backend dataops_hub\n  server pod0 10.0.0.1:8000\n" in text
    assert "server pod0 10.0.0.2:1 ssl verify required ca-file ca.crt verifyhost lab-service.dataops.svc" in text


def test_names_are_put_into_the_hosts_file_once_and_taken_out_again() -> None:
    before = "127.0.0.1 localhost\n10.0.0.9 mine\n"
    once = hosts.replaced(before, ["a.test", "b.test"])
    assert once.startswith(before) and "10.97.0.1 a.test\n10.97.0.1 b.test\n" in once
    assert hosts.replaced(once, ["c.test"]).count("begin") == 1 and "a.test" not in hosts.replaced(once, ["c.test"])
    assert hosts.replaced(once, []) == before
