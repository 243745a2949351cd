"""`dataops spark` on the cluster: a session at work is seen with what it holds, and ends in good order."""

from __future__ import annotations

from dataops.platform.smoke.context import Context
from dataops.platform.spark.sessions import sessions, stop
from tests.e2e import pods
from tests.e2e.drivers import driver

GONE_SECONDS = 60


def test_a_busy_session_is_seen_and_ended(platform: Context) -> None:
    with driver(platform) as one:
        (mine,) = [found for found in sessions(platform.cluster, platform.environment) if found.held.driver == one.name]
        assert (mine.held.running, mine.held.cores, mine.held.memory) == (2, 2, 2 * 1024 * 2**20)
        assert (mine.name, mine.running_jobs, mine.idle_seconds) == (one.name, 1, 0)
        stop(platform.cluster, platform.environment, mine.held.application)
        pods.until(lambda: not one.executors("Pending", "Running"), GONE_SECONDS, "its executors still run")
