"""A release that was rolled back, or an upgrade that was cut off: the next deploy sees it and goes on from there."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from dataops.platform import deploy, helm, plan, wait
from dataops.platform.charts import Chart
from dataops.platform.kube import Cluster
from tests.unit.platform.fakes import FakeCluster, environment

PLACE = environment()


def objects(version: str) -> helm.Manifest:
    """A server and its migration, whose name follows its content."""
    return [
        {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"image": f"web:{version}", "replicas": 1}},
        {"kind": "Job", "metadata": {"name": f"migrate-{version}"}, "spec": {"image": f"web:{version}"}},
    ]


def chart(name: str, order: int = 20) -> Chart:
    return Chart(name, Path(f"charts/{name}"), order, frozenset(), "0.1.0")


@dataclass
class Releases:
    """What Helm recorded, and what it was asked to do."""

    installed: dict[str, helm.Manifest]
    status: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def all(self) -> dict[str, helm.Release]:
        return {
            name: helm.Release(3, self.status.get(name, "deployed"), self.versions.get(name, "0.1.0"))
            for name in self.installed
        }


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> Releases:
    """Two charts of which the checkout has version 2."""
    found = Releases({"early": objects("2"), "late": objects("2")})
    monkeypatch.setattr(helm, "template", lambda *_: yaml.safe_dump_all(objects("2")))
    monkeypatch.setattr(helm, "installed", lambda cluster, name, place: found.installed[name])
    monkeypatch.setattr(helm, "releases", lambda *_: found.all())
    monkeypatch.setattr(helm, "upgrade", lambda cluster, one, *_: found.done.append(f"upgrade {one.name}"))
    monkeypatch.setattr(
        helm,
        "forget_unfinished",
        lambda cluster, name, last, place: found.done.append(f"forget {name} {last.revision}"),
    )
    monkeypatch.setattr(wait, "missing", lambda *_: [])
    monkeypatch.setattr(wait, "until_ready", lambda *_: None)
    return found


def changes(releases: Releases, name: str) -> list[str]:
    made = plan.make_plan(cast(Cluster, FakeCluster()), chart(name), PLACE, {}, releases.all())
    return made.changes


def install(releases: Releases) -> bool:
    charts = [chart("early"), chart("late", 50)]
    return deploy._install(cast(Cluster, FakeCluster()), PLACE, charts, {})


def test_a_release_that_was_rolled_back_differs_and_only_it_is_brought_back(releases: Releases) -> None:
    assert changes(releases, "late") == []
    releases.installed["late"] = objects("1")
    assert changes(releases, "late") == ["~ Deployment web", "- Job migrate-1", "+ Job migrate-2"]
    assert install(releases) and releases.done == ["upgrade late"]


@pytest.mark.parametrize("status", ["pending-upgrade", "pending-rollback", "pending-install"])
def test_power_cut_between_two_charts_goes_on_with_the_second(releases: Releases, status: str) -> None:
    releases.status["late"] = status
    assert install(releases) and releases.done == ["forget late 3", "upgrade late"]


def test_an_upgrade_that_failed_is_tried_again(releases: Releases) -> None:
    releases.status["early"] = "failed"
    assert changes(releases, "early") == ["~ the last attempt ended as failed"]
    assert install(releases) and releases.done == ["upgrade early"]


def test_a_chart_of_another_release_is_recorded_as_such_though_its_objects_are_equal(releases: Releases) -> None:
    releases.versions["late"] = "0.0.9"
    assert changes(releases, "late") == ["~ the chart's version, 0.0.9 is installed"]
    assert install(releases) and releases.done == ["upgrade late"]


def test_where_nothing_differs_nothing_is_done(releases: Releases) -> None:
    assert not install(releases) and releases.done == []


def test_a_difference_is_shown_line_by_line(releases: Releases) -> None:
    old, new = objects("1"), objects("2")
    for one, words in ((old, "a\nb\nc\n"), (new, "a\nB\nc\n")):
        one.append({"kind": "ConfigMap", "metadata": {"name": "same"}, "data": {"a": "b"}})
        one.append({"kind": "ConfigMap", "metadata": {"name": "files"}, "data": {"program.py": words}})
    lines = helm.explain(new, old)
    assert {"--- Deployment web (as it is)", "+++ Deployment web (as it would be)"} <= set(lines)
    assert "-  image: web:1" in lines and "+  image: web:2" in lines and "   replicas: 1" in lines
    assert "-    b" in lines and "+    B" in lines and "     a" in lines, "one line of a file"
    assert not [line for line in lines if "same" in line]
    assert "-  name: migrate-1" in lines and "+  name: migrate-2" in lines
    assert helm.explain(new, list(reversed(new))) == []


def test_the_objects_of_both_sides_are_what_helm_says(releases: Releases) -> None:
    releases.installed["late"] = objects("1")
    made: Any = plan.make_plan(cast(Cluster, FakeCluster()), chart("late"), PLACE, {}, releases.all())
    assert (made.existing, made.manifest) == (objects("1"), objects("2"))
