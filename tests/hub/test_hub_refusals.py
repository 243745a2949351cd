"""A server that cannot start says why in one sentence, on the page where it was asked for."""

import pytest

from tests.hub.hub import Browser, Hub, text

QUOTA = "dataops, requested: limits.memory=8Gi, used: limits.memory=60Gi, limited: limits.memory=64Gi"
REFUSALS = {
    f'pods "jupyter-anna" is forbidden: exceeded quota: {QUOTA}': (
        f"Your server does not fit into the quota of namespace dataops-users ({QUOTA}): choose a smaller profile"
    ),
    'pods "jupyter-anna" is forbidden: maximum memory usage per Container is 4Gi, but limit is 8Gi': (
        "Your server is larger than namespace dataops-users allows"
    ),
    'admission webhook "policy.example.com" denied the request: no': "show this to an administrator",
}


@pytest.fixture
def anna(hub: Hub) -> Browser:
    hub.kubernetes.refusals, hub.kubernetes.unplaced = {}, ""
    return hub.logged_in("anna")


def test_the_page_offers_the_profiles_with_what_they_cost(anna: Browser) -> None:
    page = text(anna.get("/hub/spawn"))
    assert "Medium: work on larger tables, train a model Up to 2 CPUs and 4 GB of memory" in page
    assert "GPU" not in page


@pytest.mark.parametrize("said", REFUSALS)
def test_a_refusal_of_the_cluster(hub: Hub, anna: Browser, said: str) -> None:
    hub.kubernetes.refusals = {"pods": (403, said)}
    page = text(anna.start("large"))
    assert REFUSALS[said] in page and "Traceback" not in page


def test_a_home_volume_over_the_quota(hub: Hub, anna: Browser) -> None:
    hub.kubernetes.refusals = {"persistentvolumeclaims": (403, f"forbidden: exceeded quota: {QUOTA}")}
    bert = hub.logged_in("bert")  # who has none yet
    assert "does not fit into the quota" in text(bert.start("small"))


def test_no_node_has_room(hub: Hub, anna: Browser) -> None:
    hub.kubernetes.unplaced = "0/1 nodes are available: 1 Insufficient memory."
    answer = anna.start("large")
    assert "No node has room for your server now (0/1 nodes are available: 1 Insufficient memory.)" in text(answer)
    assert "choose a smaller profile" in text(answer)


def test_a_shared_folder_that_nobody_made(hub: Hub, anna: Browser) -> None:
    hub.kubernetes.unplaced = '0/1 nodes are available: persistentvolumeclaim "team" not found.'
    page = text(anna.start("small"))
    assert "Volume claim team does not exist in namespace dataops-users: ask an administrator to make it there" in page


def test_a_profile_that_does_not_exist(anna: Browser) -> None:
    assert "No such profile: huge. Options include: small, medium, large" in text(anna.start("huge"))
