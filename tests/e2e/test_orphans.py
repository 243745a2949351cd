"""Executors do not outlive their driver, however it ends."""

from __future__ import annotations

import os
import signal

from dataops.platform.smoke.context import Context
from tests.e2e import pods
from tests.e2e.drivers import Driver, driver

GONE_SECONDS = 60
# the shell goes on when its Python has ended, as a notebook's server does when a kernel ends
OUTLIVING = ("bash", "-c", 'python -c "$0"; exec sleep 600')


def kill(one: Driver, *names: str) -> None:
    """Kill the driver's processes of these names."""
    victims = {pid: name for pid, name in one.processes().items() if name in names}
    assert set(victims.values()) == set(names)
    for pid in victims:
        os.kill(pid, signal.SIGKILL)


def test_a_killed_driver_leaves_no_executor_running(platform: Context) -> None:
    with driver(platform) as one:
        kill(one, "java", "python")
        pods.until(lambda: not one.executors("Pending", "Running"), GONE_SECONDS, "its executors still run")
        assert one.pod().status.phase == "Failed"


def test_a_deleted_driver_leaves_no_executor(platform: Context) -> None:
    with driver(platform) as one:
        one.core.delete_namespaced_pod(one.name, one.namespace, grace_period_seconds=0)
        pods.until(lambda: not one.executors(), GONE_SECONDS, "its executors are still there")


def test_a_driver_whose_python_was_killed_leaves_no_executor(platform: Context) -> None:
    with driver(platform, *OUTLIVING) as one:
        kill(one, "python")
        assert "java" in one.processes().values()
        pods.until(lambda: not one.executors(), GONE_SECONDS, "its executors are still there")
        assert one.pod().status.phase == "Running"
