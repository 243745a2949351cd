"""A server that ended without being asked says why at its next start; one that somebody stopped says nothing."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, PropertyMock, patch

import pytest

from tests.charts.pods import spawner
from tests.hub.hub import running_hub

Pod = dict[str, Any] | None
HOME = "Your files are as they were, the variables of its kernels are lost."


def pod(*, terminated: dict[str, Any] | None = None, deleted: bool = False, **status: Any) -> dict[str, Any]:
    """A user's pod as the hub sees it."""
    state = {"terminated": terminated} if terminated else {"running": {}}
    metadata = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if deleted else {}
    statuses = [{"name": "notebook", "state": state}]
    return {"metadata": metadata, "status": {"phase": "Running", "containerStatuses": statuses, **status}}


def looked_at(*seen: Pod, pending: str | None = None, running: bool = True) -> list[str]:
    """What the page of the next start shows after the hub has looked at a pod, once for each state it is in."""
    one = spawner("local")
    type(one).ends.clear()
    one.events_enabled = False
    one._server = SimpleNamespace(url="") if running else None
    one._spawn_pending, one._stop_pending, one._check_pending = (pending == word for word in ("spawn", "stop", "check"))
    pods: dict[str, Pod] = {}

    async def look() -> list[str]:
        for now in seen:
            pods.clear()
            pods.update({f"{one.namespace}/{one.pod_name}": now} if now else {})
            await one.poll()
        return [event["message"] async for event in one.progress()]

    reflector = SimpleNamespace(pods=pods)
    with (
        patch.object(type(one), "_start_watching_pods", AsyncMock()),
        patch.object(type(one), "stop", AsyncMock()),
        patch.object(type(one), "is_pod_running", return_value=False),
        patch.object(type(one), "pod_reflector", PropertyMock(return_value=reflector)),
    ):
        return asyncio.run(look())


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (None, "the cluster evicted or deleted its pod"),
        (pod(terminated={"exitCode": 0}, deleted=True), "the cluster evicted or deleted its pod"),
        (
            pod(terminated={"exitCode": 137}, phase="Failed", reason="Evicted", message="low on resource: memory."),
            "its node ran short and evicted it (low on resource: memory.); choose a smaller profile or start later",
        ),
        (pod(terminated={"exitCode": 137, "reason": "OOMKilled"}), "was killed; choose a larger profile"),
        (pod(terminated={"exitCode": 1, "reason": "Error"}), "its program ended with code 1"),
        (
            pod(terminated={"exitCode": 0, "reason": "Completed", "message": "nobody had used it for 60 minutes"}),
            "nobody had used it for 60 minutes",
        ),
    ],
)
@pytest.mark.parametrize("pending", [None, "check"])
def test_the_next_start_says_why(seen: Pod, reason: str, pending: str | None) -> None:
    (told,) = looked_at(seen, pending=pending)
    assert told.startswith("Your last server ended without being asked: ") and reason in told and told.endswith(HOME)


@pytest.mark.parametrize(
    ("seen", "pending", "running"),
    [
        (pod(), None, True),
        (None, "stop", True),
        (None, "spawn", True),
        (None, None, False),
        (pod(terminated={"exitCode": 0, "reason": "Completed"}), None, True),
    ],
    ids=["runs", "being stopped", "being started", "never ran", "ended well"],
)
def test_nothing_is_said_otherwise(seen: Pod, pending: str | None, running: bool) -> None:
    assert looked_at(seen, pending=pending, running=running) == []


@pytest.mark.parametrize("message", ["", "nobody had used it for 60 minutes"])
def test_the_first_word_counts_because_the_hub_deletes_what_has_ended(message: str) -> None:
    ended = pod(terminated={"exitCode": 0, "reason": "Completed", "message": message})
    assert [message in told for told in looked_at(ended, None)] == [True] * bool(message)


def test_it_is_forgotten_when_the_next_one_runs() -> None:
    assert looked_at(None, pod()) == []


def test_the_page_of_the_start_shows_it(tmp_path: Path) -> None:
    """What the page follows while the server starts, from a real hub whose cluster has no room for the pod."""
    with running_hub(tmp_path, wrapper="\nspawner.PlatformSpawner.ends['nora'] = 'of this test'\n") as hub:
        hub.kubernetes.unplaced = "0/1 nodes are available: 1 Insufficient cpu."
        browser = hub.logged_in("nora")
        browser.get("/hub/spawn")
        page = browser.post("/hub/spawn", data={"profile": "small", "_xsrf": browser.xsrf()})
        assert page.url.path == "/hub/spawn-pending/nora"
        said = browser.get("/hub/api/users/nora/server/progress", headers={"Referer": str(page.url)}).text
    assert (
        said.index("Server requested")
        < said.index("ended without being asked: of this test.")
        < said.index("Insufficient cpu")
    )
