"""Renders every chart with Helm as a deployment does, and hands the objects to the tests."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from kubernetes_validate import latest_version  # type: ignore[import-untyped]  # it ships no types

from dataops.platform.paths import repository_root
from dataops.platform.tools import ensure_tool
from dataops.platform.versions import load_versions

ROOT = repository_root()
CHARTS = ROOT / "charts"
ENVIRONMENTS = sorted(path.stem for path in (ROOT / "environments").glob("*.yaml"))
FEATURES = Path(__file__).parent / "features"
IMAGES = sorted(path.parent.name for path in (ROOT / "images").glob("*/Dockerfile"))
TAG = "0123456789ab"
KUBERNETES = ("1.25", latest_version())  # that of OpenShift 4.12, and the newest whose schemas are at hand
WORKLOADS = ("Deployment", "StatefulSet", "Job", "Pod")
PAGES = ("jupyterhub", "airflow", "mlflow")
ROUTER = {"kubernetes.io/metadata.name": "router"}
# The ways to install that a place may choose, each as the facts that differ.
MODES: dict[str, dict[str, Any]] = {
    "plain": {},
    "one-namespace": {"namespaces": dict.fromkeys(("servers", "users", "jobs"), "dataops")},
    "namespace-each": {"users": ["anna", "ben"]},
    "reencrypt": {"exposure": "route", "router": ROUTER, "routes": dict.fromkeys(PAGES, "reencrypt")},
    "edge": {"exposure": "route", "router": ROUTER, "routes": dict.fromkeys((*PAGES, "history"), "edge")},
    "ingress": {"exposure": "ingress", "router": ROUTER},
    "not-exposed": {"exposure": "none"},
}

Object = dict[str, Any]


def read_yaml(path: Path) -> Any:
    """Parse one YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def charts() -> list[str]:
    """Names of the application charts: folders with a Chart.yaml of that type."""
    return sorted(p.parent.name for p in CHARTS.glob("*/Chart.yaml") if read_yaml(p)["type"] == "application")


def environments(chart: str) -> list[str]:
    """The environments a chart is for: all, unless its annotation says which."""
    said = read_yaml(CHARTS / chart / "Chart.yaml").get("annotations", {}).get("dataops/environments")
    return said.split(",") if said else ENVIRONMENTS


@dataclass(frozen=True)
class Variant:
    """One chart in one environment, perhaps with one feature turned on."""

    chart: str
    env: str
    feature: str = ""

    def __str__(self) -> str:
        return f"{self.chart}-{self.env}" + (f"-{self.feature}" if self.feature else "")


def variants() -> list[Variant]:
    """Everything that is rendered in the tests."""
    plain = [Variant(chart, env) for chart in charts() for env in environments(chart)]
    extra = [
        Variant(v.chart, v.env, path.stem.removeprefix(f"{v.chart}-"))
        for v in plain
        for path in sorted(FEATURES.glob(f"{v.chart}-*.yaml"))
    ]
    return plain + extra


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Helm and keep what it said."""
    return subprocess.run([str(ensure_tool("helm")), *arguments], text=True, capture_output=True, check=False)


def value_flags(variant: Variant, **globals_: Any) -> list[str]:
    """The values of a deployment, in its order, then image tags and what a test changes."""
    folder = CHARTS / variant.chart
    files = [folder / f"values-{variant.env}.yaml", ROOT / "environments" / f"{variant.env}.yaml"]
    if variant.feature:
        files.append(FEATURES / f"{variant.chart}-{variant.feature}.yaml")
    facts = {"tags": {name: TAG for name in IMAGES}, "checksum": "abc"} | globals_
    changes = [f"--set-json=global.{key}={json.dumps(value)}" for key, value in facts.items()]
    return [f"--values={path}" for path in files] + changes


def template(variant: Variant, *more: str, **globals_: Any) -> subprocess.CompletedProcess[str]:
    """Render one variant to text; `more` are further arguments of Helm, `globals_` further facts."""
    chart = variant.chart
    flags = value_flags(variant, **globals_)
    version = f"--kube-version={load_versions(ROOT)['KUBERNETES_VERSION']}"
    return helm("template", chart, str(CHARTS / chart), "--namespace=dataops", version, *flags, *more)


@cache
def render(variant: Variant) -> tuple[Object, ...]:
    """Objects of one variant; none when it does not render, which a test of its own reports."""
    done = template(variant)
    if done.returncode:
        return ()
    # the loader in C is ten times as fast, and each test module's collection waits for it
    return tuple(document for document in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if document)


@dataclass(frozen=True)
class Rendered:
    """One object and where it comes from."""

    variant: Variant
    object: Object

    def __str__(self) -> str:
        return f"{self.variant}-{self.namespace}-{self.kind}/{self.name}"

    @property
    def kind(self) -> str:
        """The object's kind."""
        return str(self.object["kind"])

    @property
    def name(self) -> str:
        """The object's name."""
        return str(self.object["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """Where it goes: its own namespace, else the release's."""
        return str(self.object["metadata"].get("namespace", "dataops"))

    @property
    def pod(self) -> Object:
        """Spec of the pods it makes."""
        return dict(self.object["spec"] if self.kind == "Pod" else self.object["spec"]["template"]["spec"])

    @property
    def pod_labels(self) -> dict[str, str]:
        """Labels of the pods it makes."""
        source = self.object if self.kind == "Pod" else self.object["spec"]["template"]
        return dict(source["metadata"]["labels"])

    @property
    def containers(self) -> list[Object]:
        """All containers of its pods, those of the start included."""
        return [*self.pod.get("initContainers", []), *self.pod["containers"]]


def every_object(*kinds: str) -> list[Rendered]:
    """Every rendered object of these kinds (of all kinds when none is named)."""
    return [Rendered(v, o) for v in variants() for o in render(v) if not kinds or o["kind"] in kinds]


@cache
def everything(env: str, mode: str) -> tuple[Rendered, ...]:
    """All objects of a deployment, installed in one of the ways of MODES."""
    found: list[Rendered] = []
    for variant in (one for one in variants() if one.env == env):
        done = template(variant, **MODES[mode])
        assert done.returncode == 0, done.stderr
        found += [Rendered(variant, item) for item in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if item]
    return tuple(found)


def every_pod() -> list[Rendered]:
    """Every object that makes pods."""
    return every_object(*WORKLOADS)


def every_server() -> list[Rendered]:
    """Every object that keeps pods running."""
    return every_object("Deployment", "StatefulSet")


def walk(node: Any) -> Iterator[Object]:
    """Every mapping inside a parsed object, itself included."""
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from walk(child)
    elif isinstance(node, list):
        for child in node:
            yield from walk(child)
