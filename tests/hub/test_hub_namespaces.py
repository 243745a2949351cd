"""Where servers start when the place lists people: in their own namespaces with their own keys, others not at all."""

import asyncio
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from tests.charts.pods import spawner
from tests.hub.hub import Hub, running_hub, text

OWN = {"anna": "dataops-users-anna", "ben": "dataops-users-ben"}


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that knows two people; pods find no room, so that each start ends soon."""
    with running_hub(tmp_path_factory.mktemp("hub"), ownNamespaces=OWN) as hub:
        hub.kubernetes.unplaced = "0/1 nodes are available: 1 Insufficient cpu."
        yield hub


def started(hub: Hub, name: str) -> dict[str, str]:
    """What a person's start made: for each kind of object its namespace; under `key` the Secret with the key of S3."""
    hub.kubernetes.made.clear()
    hub.logged_in(name).start("small")
    found = {plural: namespace for namespace, plural, _ in hub.kubernetes.made}
    for container in (pod["spec"]["containers"][0] for _, plural, pod in hub.kubernetes.made if plural == "pods"):
        (found["key"],) = (one["secretRef"]["name"] for one in container["envFrom"] if "secretRef" in one)
    return found


@pytest.mark.parametrize("name", OWN)
def test_a_listed_person_has_everything_of_their_own(listed: Hub, name: str) -> None:
    assert started(listed, name) == {"persistentvolumeclaims": OWN[name], "pods": OWN[name], "key": f"s3-{name}"}


def test_a_home_that_somebody_took_away_is_made_again() -> None:
    """KubeSpawner asks for a volume only as long as it remembers none."""
    one, remembered = spawner("local"), list[bool]()
    one._pvc_exists = True

    async def start(self: Any) -> None:
        remembered.append(self._pvc_exists)

    with patch.object(type(one).__base__, "_start", start):
        asyncio.run(one._start())
    assert remembered == [False]


def test_the_smoke_run_uses_the_shared_namespace(listed: Hub) -> None:
    shared = "dataops-users"
    assert started(listed, "smoke") == {"persistentvolumeclaims": shared, "pods": shared, "key": "s3-notebook"}


def test_somebody_else_gets_a_sentence_and_nothing_is_made(listed: Hub) -> None:
    listed.kubernetes.made.clear()
    page = text(listed.logged_in("mallory").start("small"))
    assert "mallory has no namespace here: ask an administrator to add the name to `users:`" in page
    assert not listed.kubernetes.made


def test_who_moves_to_a_namespace_of_their_own_gets_a_volume_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The hub remembers where a volume was; the old one stays for an administrator to copy from."""
    folder = tmp_path_factory.mktemp("hub")
    with running_hub(folder) as hub:
        hub.kubernetes.unplaced = "0/1 nodes are available: 1 Insufficient cpu."
        assert started(hub, "anna")["persistentvolumeclaims"] == "dataops-users"
    with running_hub(folder, ownNamespaces=OWN) as hub:
        hub.kubernetes.unplaced = "0/1 nodes are available: 1 Insufficient cpu."
        assert started(hub, "anna") == {"persistentvolumeclaims": OWN["anna"], "pods": OWN["anna"], "key": "s3-anna"}
