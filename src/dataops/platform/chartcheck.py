"""Helm's and chart-testing's own checks over every chart, and each chart's own tests on a cluster."""

import os
import sys
from pathlib import Path

from dataops.platform import helm, wait
from dataops.platform.charts import charts_of
from dataops.platform.deploy import FOUNDATION_ORDER
from dataops.platform.environment import Environment, load_environment
from dataops.platform.kube import Cluster
from dataops.platform.paths import cache_dir
from dataops.platform.plan import image_tags, make_plan
from dataops.platform.process import run, step
from dataops.platform.tools import ensure_tool

# values that a deploy fills in; for a lint any tag will do
LINT_TAG = "lint"


def lint(root: Path) -> None:
    """Run `helm lint --strict` for each chart and environment, and `ct lint` for each chart.

    Args:
        root: The repository root.

    Raises:
        UserError: A check found something; the message is the tool's own.
    """
    program, names = ensure_tool("helm"), [path.parent.name for path in (root / "images").glob("*/Dockerfile")]
    with helm.values_file({"tags": dict.fromkeys(names, LINT_TAG), "checksum": ""}) as extra:
        for file in sorted((root / "environments").glob("*.yaml")):
            environment = load_environment(root, file.stem)
            for chart in charts_of(root, environment):
                files = [word for path in [*chart.value_files(environment), extra] for word in ("--values", path)]
                run([program, "lint", "--strict", "--quiet", chart.path, *files])
                if environment.local:
                    words = ["--helm-lint-extra-args", " ".join(map(str, files))]
                    run([*_ct("lint", root, chart.path), *words], env=_path_with_helm(), cwd=root)


def install(root: Path, cluster: Cluster, environment: Environment) -> None:
    """Uninstall each chart that others do not start from, let `ct install` install and test it, then bring it back.

    Args:
        root: The repository root.
        cluster: The cluster.
        environment: The place.
    """
    tags, releases = image_tags(root), helm.releases(cluster, environment)
    for chart in charts_of(root, environment):
        if chart.order <= FOUNDATION_ORDER:
            continue
        plan = make_plan(cluster, chart, environment, tags, releases)
        if chart.name in releases:
            with step(f"Removing release {chart.name}"):
                helm.uninstall(cluster, chart.name, environment)
        try:
            with step(f"ct install {chart.name}"), helm.values_file(plan.values) as extra:
                files = " ".join(f"--values {path}" for path in [*chart.value_files(environment), extra])
                words = ["--namespace", environment.servers, "--helm-extra-set-args", files]
                run([*_ct("install", root, chart.path), *words], env={**_path_with_helm(), **cluster.environ})
        finally:
            with step(f"Bringing {chart.name} back"):
                helm.upgrade(cluster, chart, environment, plan.values)
                wait.until_ready(cluster, wait.workloads(plan.manifest, environment.servers))


def _ct(verb: str, root: Path, chart: Path) -> list[str | Path]:
    words: list[str | Path] = [ensure_tool("ct"), verb, "--charts", chart.relative_to(root)]
    if verb == "lint":
        # the charts' own closed schemas and `helm lint --strict` say more than chart-testing's generic ones
        words += ["--validate-chart-schema=false", "--validate-yaml=false"]
        words += ["--check-version-increment=false", "--validate-maintainers=false", "--skip-helm-dependencies"]
    return words


def _path_with_helm() -> dict[str, str]:
    """A PATH on which chart-testing finds the pinned Helm under its plain name, and yamllint beside this Python."""
    folder = cache_dir() / "bin" / "path"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("helm", "kubectl"):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(ensure_tool(name))
    return {"PATH": f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
