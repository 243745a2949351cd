"""The previous release at a site, upgraded, taken back chart by chart, and upgraded again with a power cut between."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dataops.platform import helm, wait
from dataops.platform.charts import charts_of
from dataops.platform.process import run
from dataops.platform.smoke import run_checks
from dataops.platform.smoke.context import Context
from dataops.platform.smoke.hub import USER, Hub
from dataops.platform.tools import ensure_tool
from tests.e2e.verbs import make
from tests.e2e_full.checkouts import clone, cut_off, deploy, release
from tests.e2e_full.moments import Moment, moment, revisions, versions
from tests.e2e_full.sentinels import Sentinels
from tests.e2e_full.tenant import openshift, tenant

# the newest tag v* takes its place when there is one
PREVIOUS = "33439889a74fbd25f7d45e7d3dd4a1d193bf1aff"
# higher than any that is made
VERSION = "1000.0.0"
TAG = {"TAG": "upgrade"}
READY_SECONDS = 150
RESTARTS = 1


@dataclass(frozen=True)
class Upgrade:
    """The site before and after an upgrade.

    Attributes:
        before: As the previous release had it.
        after: As it is when the deploy has ended.
        seconds: How long the deploy took, until all was ready.
        users: The pod of a user who worked meanwhile, before and after, by its unique id and restarts.
    """

    before: Moment
    after: Moment
    seconds: float
    users: tuple[list[tuple[str, int]], list[tuple[str, int]]]


@pytest.fixture(scope="module")
def platform() -> Iterator[Context]:
    """An OpenShift with nothing of the platform but its Secrets."""
    with openshift(), tenant() as found:
        yield found


@pytest.fixture(scope="module")
def following(platform: Context, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The release that this checkout would be, its images in the registry."""
    folder = clone(tmp_path_factory.mktemp("following") / "platform", "HEAD")
    release(folder, VERSION)
    assert make("push", folder, ENV="openshift", **TAG).returncode == 0
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def sentinels(platform: Context, tmp_path_factory: pytest.TempPathFactory) -> Sentinels:
    """What people left while the previous release ran."""
    folder = clone(tmp_path_factory.mktemp("previous") / "platform", PREVIOUS)
    assert make("push", folder, ENV="openshift").returncode == 0
    deploy(folder)
    shutil.rmtree(folder)
    return Sentinels(platform)


@pytest.fixture(scope="module")
def upgraded(platform: Context, sentinels: Sentinels, following: Path) -> Upgrade:
    """The site after the upgrade."""
    before, hub = moment(platform, sentinels), Hub(platform)
    with hub.server():
        users = [servers_of_users(platform)]
        begin = time.monotonic()
        deploy(following, **TAG)
        seconds = time.monotonic() - begin
        assert "still working" in hub.run("print('still working')", 120)
        users.append(servers_of_users(platform))
    return Upgrade(before, moment(platform, sentinels), seconds, (users[0], users[1]))


@pytest.fixture(scope="module")
def rolled_back(platform: Context, upgraded: Upgrade, sentinels: Sentinels) -> Moment:
    """The site after each chart was taken back alone."""
    for chart in charts_of(platform.root, platform.environment):
        where, before = ["--namespace", platform.environment.servers], revisions(platform)
        run([ensure_tool("helm"), "rollback", chart.name, *where])
        manifest = helm.installed(platform.cluster, chart.name, platform.environment)
        mine = wait.workloads(manifest, platform.environment.servers)
        wait.until_ready(platform.cluster, mine)
        wanted = {name: count + any(one.name == name for one in mine) for name, count in before.items()}
        assert revisions(platform) == wanted, f"taking back {chart.name} touched servers of others, or not its own"
    return moment(platform, sentinels)


@pytest.fixture(scope="module")
def cut(platform: Context, rolled_back: Moment, following: Path) -> dict[str, str]:
    """Upgraded once more, until the power was cut between two charts: the version of each release."""
    cut_off(following, **TAG)
    return versions(platform)


@pytest.fixture(scope="module")
def finished(platform: Context, cut: dict[str, str], sentinels: Sentinels, following: Path) -> Moment:
    """The site after the same command was run again."""
    deploy(following, **TAG)
    return moment(platform, sentinels)


def servers_of_users(platform: Context) -> list[tuple[str, int]]:
    """The pod of the user, by its unique id and restarts."""
    namespace, selector = platform.environment.namespaces["users"], f"hub.jupyter.org/username={USER}"
    pods = platform.cluster.core.list_namespaced_pod(namespace, label_selector=selector).items
    return [(pod.metadata.uid, sum(one.restart_count for one in pod.status.container_statuses)) for pod in pods]


def test_the_upgrade_replaces_every_server_once_and_in_time(upgraded: Upgrade) -> None:
    print(f"ready {upgraded.seconds:.0f} s after the upgrade began")
    assert set(upgraded.after.versions.values()) == {VERSION} and len(upgraded.after.versions) >= 5
    assert VERSION not in upgraded.before.versions.values()
    assert upgraded.after.revisions == {name: count + 1 for name, count in upgraded.before.revisions.items()}
    assert upgraded.seconds <= READY_SECONDS


def test_a_user_works_on_through_the_upgrade(upgraded: Upgrade) -> None:
    before, after = upgraded.users
    assert len(before) == 1 and before[0][1] == 0 and after == before


def test_each_chart_is_taken_back_alone(platform: Context, upgraded: Upgrade, rolled_back: Moment) -> None:
    assert rolled_back.versions == upgraded.before.versions
    assert run_checks(platform.root, platform.cluster, platform.environment, ["s3", "model", "task_log", "history"])


def test_a_power_cut_leaves_whole_charts(upgraded: Upgrade, cut: dict[str, str]) -> None:
    assert set(cut) == set(upgraded.after.versions)
    assert list(cut.values()).count(VERSION) == 1, cut


def test_the_same_command_finishes_what_was_cut_off(upgraded: Upgrade, rolled_back: Moment, finished: Moment) -> None:
    assert finished.versions == upgraded.after.versions
    assert finished.revisions == {name: count + 1 for name, count in rolled_back.revisions.items()}


def test_nothing_is_ever_lost(upgraded: Upgrade, rolled_back: Moment, finished: Moment) -> None:
    for later in (upgraded.after, rolled_back, finished):
        assert later.found == upgraded.before.found


def test_every_key_stays(upgraded: Upgrade, rolled_back: Moment, finished: Moment) -> None:
    assert len(upgraded.before.keys) >= 15
    for later in (upgraded.after, rolled_back, finished):
        different = {
            name for name in later.keys | upgraded.before.keys if later.keys.get(name) != upgraded.before.keys.get(name)
        }
        assert not different


def test_no_pod_restarts_more_than_once(upgraded: Upgrade, rolled_back: Moment, finished: Moment) -> None:
    for later in (upgraded.after, rolled_back, finished):
        assert {name: count for name, count in later.restarts.items() if count > RESTARTS} == {}
