"""What happens to notebooks: executors come and go, a kernel eats its memory, a server's pod is evicted."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from dataops.platform.smoke.context import CheckFailed, Context, ok
from dataops.platform.smoke.hub import SPAWN_SECONDS, Hub
from tests.e2e import pods
from tests.e2e_full.people import deployed, run

FIRST_SECONDS, SECOND_SECONDS, IDLE_SECONDS = 8.0, 1.0, 120.0
ORPHANED_SECONDS = 60
TOLD_SECONDS = 30
WARM_SECONDS, EATEN_SECONDS, NOTICED_SECONDS = 180, 120, 120
WARM = "Spark waits, warm, for the next kernel"
KEPT = "/home/dataops/kept.txt"
WRITE = f"open({KEPT!r}, 'w').write('kept')"
READ = f"print(open({KEPT!r}).read())"
# written to, or the system would only promise it
EAT = "eaten = [b'x' * (1 << 26) for _ in range(1000)]"


@pytest.fixture(scope="module")
def platform() -> Context:
    """The platform as it is deployed."""
    return deployed()


@contextmanager
def working(platform: Context, name: str) -> Iterator[Hub]:
    """Somebody whose server runs while the block does; their home goes with it."""
    hub = Hub(platform, name)
    try:
        with hub.server():
            yield hub
    finally:
        core = platform.cluster.core
        core.delete_namespaced_persistent_volume_claim(f"home-{name}", platform.environment.namespaces["users"])


def server(platform: Context, hub: Hub) -> Any:
    """The pod of somebody's server; None where there is none."""
    selector = f"hub.jupyter.org/username={hub.user}"
    found = platform.cluster.core.list_namespaced_pod(
        platform.environment.namespaces["users"], label_selector=selector
    ).items
    return found[0] if found else None


def executors(platform: Context, driver: Any) -> list[str]:
    """The executors of a server's sessions, in whatever phase."""
    found = platform.cluster.core.list_namespaced_pod(driver.metadata.namespace, label_selector="spark-role=executor")
    return [
        one.metadata.name
        for one in found.items
        if driver.metadata.uid in {owner.uid for owner in one.metadata.owner_references or []}
    ]


def test_executors_come_in_seconds_and_go_when_nobody_needs_them(platform: Context) -> None:
    with working(platform, "faye") as hub:
        driver = server(platform, hub)
        where = (driver.metadata.name, driver.metadata.namespace)
        ok(hub.http.get(f"/user/{hub.user}/api/kernelspecs"))  # as JupyterLab's page does, which has a spare made
        pods.until(
            lambda: WARM in platform.cluster.core.read_namespaced_pod_log(*where), WARM_SECONDS, "Spark is not warm"
        )
        with hub.kernel() as kernel:
            kernel.run("None", 60)
            assert executors(platform, driver) == []
            took = run(kernel, "actions", "spark", seconds=120)
            idle = time.monotonic()
            held = executors(platform, driver)
            pods.until(lambda: not executors(platform, driver), 2 * IDLE_SECONDS, "executors are still there")
            returned = time.monotonic() - idle
            again = run(kernel, "actions", "spark", seconds=120)
            with pytest.raises(CheckFailed, match="the kernel ended during the cell"):
                kernel.run("import os; os.kill(os.getpid(), 9)", 60)
            pods.until(lambda: not executors(platform, driver), ORPHANED_SECONDS, "executors outlive their kernel")
    print(
        f"first result {took['first']:.1f} s, {took['session']:.1f} s of it the session; second {took['second']:.2f} s;"
        f" {len(held)} executor(s) back after {returned:.0f} s; then first {again['first']:.1f} s"
    )
    assert held and max(took["first"], again["first"]) <= FIRST_SECONDS and took["second"] <= SECOND_SECONDS
    assert returned <= IDLE_SECONDS
    assert again["answer"] == took["answer"]


def test_kernels_of_one_server_share_its_executors(platform: Context) -> None:
    asked = "print(spark.conf.get('spark.dynamicAllocation.maxExecutors'))"
    with working(platform, "pia") as hub, hub.kernel() as first, hub.kernel() as second:
        assert first.run(asked, 120).split() == ["2"]
        said, share = filter(None, second.run(asked, 120).splitlines())
        assert said.startswith("This session may have 1 of the 2 executors of your server; your other kernels hold: ")
        assert share == "1"


@contextmanager
def no_more_pods(platform: Context) -> Iterator[None]:
    """Let the quota of the users' namespace be used up while the block runs."""
    core, namespace, name = platform.cluster.core, platform.environment.namespaces["users"], "used-up"
    hard = {"count/pods": "0"}
    core.create_namespaced_resource_quota(namespace, {"metadata": {"name": name}, "spec": {"hard": hard}})
    try:
        pods.until(lambda: core.read_namespaced_resource_quota(name, namespace).status.hard == hard, 60, "no quota")
        yield
    finally:
        core.delete_namespaced_resource_quota(name, namespace)


def test_a_job_whose_executors_do_not_come_says_so_and_goes_on_when_they_may(platform: Context) -> None:
    with working(platform, "iris") as hub, hub.kernel() as kernel, ThreadPoolExecutor(1) as pool:
        kernel.run("spark.sparkContext.master", 120)
        with no_more_pods(platform):
            job = pool.submit(kernel.run, "print(spark.range(10).count())", 180)
            time.sleep(TOLD_SECONDS)
            assert not job.done()
        shown = job.result()
        assert "waiting for the first executor" in shown
        where = platform.environment.namespaces["users"]
        assert f"although nobody else holds one in {where}: see its quota, or free nodes" in shown
        assert "10\n" in shown


def test_a_kernel_that_eats_its_memory_is_killed_alone_and_says_so(platform: Context) -> None:
    with working(platform, "olga") as hub:
        before = server(platform, hub)
        with hub.kernel() as kernel:
            kernel.run(WRITE, 60)
            with pytest.raises(CheckFailed, match="the kernel ended during the cell"):
                kernel.run(EAT, EATEN_SECONDS)
            # a cell of a person, long enough for the banner to be filled in meanwhile
            shown = kernel.run("import time; time.sleep(8)", EATEN_SECONDS, by_hand=True)
            assert "was killed because this server used up its memory" in shown, shown
            assert "choose the profile medium at the next start of your server" in shown, shown
            assert kernel.run(READ, 60).strip() == "kept"
            with pytest.raises(CheckFailed, match="NameError"):
                kernel.run("eaten", 60)
        after = server(platform, hub)
        assert after.metadata.uid == before.metadata.uid
        assert [one.restart_count for one in after.status.container_statuses] == [0]


def servers(hub: Hub) -> dict[str, Any]:
    """The servers of somebody that the hub believes to run."""
    found: dict[str, Any] = ok(hub.http.get(hub.path)).json()["servers"]
    return found


def messages(hub: Hub) -> list[str]:
    """Start somebody's server and return what the page of the start shows meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(hub.http.post, f"{hub.path}/server", json={})
        end, shown = time.monotonic() + SPAWN_SECONDS, list[str]()
        while not shown:
            assert time.monotonic() < end, "the start shows nothing"
            time.sleep(0.2)  # until the start has begun there is nothing to follow
            with hub.http.stream("GET", f"{hub.path}/server/progress", timeout=SPAWN_SECONDS) as answer:
                lines = [line for line in answer.iter_lines() if line.startswith("data: ")]
            shown = [json.loads(line.removeprefix("data: "))["message"] for line in lines]
        ok(started.result())
    return shown


def test_an_evicted_server_comes_back_on_demand_and_says_what_happened(platform: Context) -> None:
    core = platform.cluster.core
    with working(platform, "nora") as hub:
        hub.run(WRITE, 60)
        pod = server(platform, hub)
        about = {"name": pod.metadata.name, "namespace": pod.metadata.namespace}
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": about}
        core.create_namespaced_pod_eviction(**about, body=eviction)
        pods.until(lambda: not servers(hub), NOTICED_SECONDS, "the hub believes that the server runs")
        shown = messages(hub)
        (told,) = (one for one in shown if one.startswith("Your last server ended without being asked: "))
        assert "the cluster evicted or deleted its pod" in told and "Your files are as they were" in told
        assert shown[-1].startswith("Server ready"), shown
        assert hub.run(READ, 60).strip() == "kept"
        assert server(platform, hub).metadata.uid != pod.metadata.uid
