"""The first lesson of a class: 25 people start JupyterLab within a minute, and the hub answers 200 of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median, quantiles
from threading import Event, Semaphore

import pytest

from dataops.platform.smoke.context import Context, ok
from dataops.platform.smoke.hub import SPAWN_SECONDS, Hub
from tests.e2e import pods
from tests.e2e_full.people import deployed

PEOPLE, STARTING, WITHIN_SECONDS = 200, 25, 60
AT_ONCE, ROUNDS = 10, 3
SPAWN_P95_SECONDS, API_P95_SECONDS = 90.0, 0.5
GONE_SECONDS = 180


@dataclass(frozen=True)
class Lesson:
    """What it was like, in seconds.

    Attributes:
        starts: From the click to JupyterLab's page, of each who came so far.
        failures: What the others were told.
        answers: Of the hub's API to each question of the 200, while the servers ran.
    """

    starts: list[float]
    failures: list[str]
    answers: list[float]


def p95(seconds: list[float]) -> float:
    """What 95 of 100 take at most."""
    return quantiles(seconds, n=20)[-1]


def attend(hub: Hub, delay: float, arrived: Semaphore, end: Event) -> float:
    """Start a server after a delay and stay until the lesson ends; the seconds until JupyterLab's page was there."""
    time.sleep(delay)
    begin = time.monotonic()
    try:
        with hub.server():
            ok(hub.http.get(f"/user/{hub.user}/lab", follow_redirects=True))
            seconds = time.monotonic() - begin
            arrived.release()
            end.wait()
    except BaseException:
        arrived.release()  # the others do not wait for this one
        raise
    return seconds


def ask(hub: Hub) -> float:
    """The seconds that the hub takes to say how somebody and their server are."""
    begin = time.monotonic()
    ok(hub.http.get(hub.path))
    return time.monotonic() - begin


def starts(running: list[Future[float]]) -> tuple[list[float], list[str]]:
    """How long each start took, and what went wrong with the others."""
    failed = [str(one.exception()) for one in running if one.exception()]
    return [one.result() for one in running if not one.exception()], failed


@pytest.fixture(scope="module")
def platform() -> Context:
    """The platform as it is deployed."""
    return deployed()


@pytest.fixture(scope="module")
def people(platform: Context) -> list[Hub]:
    """Everybody, logged in by the form; the hub remembers them for the next time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda number: Hub(platform, f"load-{number:03}"), range(PEOPLE)))


@pytest.fixture(scope="module")
def lesson(platform: Context, people: list[Hub]) -> Iterator[Lesson]:
    """The lesson; afterwards neither servers nor homes are left."""
    arrived, end = Semaphore(0), Event()
    with ThreadPoolExecutor(STARTING) as pool, ThreadPoolExecutor(AT_ONCE) as asking:
        try:
            running = [
                pool.submit(attend, hub, number * WITHIN_SECONDS / STARTING, arrived, end)
                for number, hub in enumerate(people[:STARTING])
            ]
            for _ in running:
                assert arrived.acquire(timeout=WITHIN_SECONDS + 2 * SPAWN_SECONDS), "a start neither ended nor failed"
            answers = list(asking.map(ask, people * ROUNDS))
        finally:
            end.set()
    yield Lesson(*starts(running), answers)
    clear(platform, people[:STARTING])


def clear(platform: Context, people: list[Hub]) -> None:
    """Delete the homes of people whose servers are stopping."""
    core, namespace = platform.cluster.core, platform.environment.namespaces["users"]
    names = {f"home-{hub.user}" for hub in people}

    def left() -> set[str]:
        return names & {one.metadata.name for one in core.list_namespaced_persistent_volume_claim(namespace).items}

    for name in left():
        core.delete_namespaced_persistent_volume_claim(name, namespace)
    pods.until(lambda: not left(), GONE_SECONDS, "homes of the lesson are still there")


def test_everybody_gets_jupyterlab(lesson: Lesson) -> None:
    assert lesson.failures == []
    print(
        f"{len(lesson.starts)} servers within {WITHIN_SECONDS} s: median {median(lesson.starts):.1f} s,"
        f" p95 {p95(lesson.starts):.1f} s, longest {max(lesson.starts):.1f} s"
    )
    assert p95(lesson.starts) <= SPAWN_P95_SECONDS


def test_the_hub_answers_everybody(lesson: Lesson) -> None:
    print(
        f"{len(lesson.answers)} questions of {PEOPLE} people, {AT_ONCE} at once: median"
        f" {median(lesson.answers) * 1000:.0f} ms, p95 {p95(lesson.answers) * 1000:.0f} ms"
    )
    assert p95(lesson.answers) <= API_P95_SECONDS
