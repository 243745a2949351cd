"""Helm's and chart-testing's own checks over every chart."""

import os
import sys
from pathlib import Path

from dataops.platform import checkov, helm, wait
from dataops.platform.charts import Chart, charts_of
from dataops.platform.environment import Environment, load_environment
from dataops.platform.kube import Cluster
from dataops.platform.paths import cache_dir
from dataops.platform.plan import image_tags, make_plan
from dataops.platform.process import run, step
from dataops.platform.tools import ensure_tool

# values that a deploy fills in; for a lint any tag will do
LINT_TAG = "lint"


def lint(root: Path) -> None:
    """Run `helm lint --strict` for each chart and environment, `ct lint` for each chart, and checkov over all of them.

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
                    run(_lint(root, chart, " ".join(map(str, files))), env=_path_with_helm(), cwd=root)
    checkov.check(root)


def install(root: Path, cluster: Cluster, environment: Environment) -> None:
    """Try each chart in turn by `ct install`, with its `helm test`, in the place of its release, which comes back then.

    Args:
        root: The repository root.
        cluster: A cluster with the platform on it.
        environment: The place.

    Raises:
        UserError: A chart cannot be installed, or its test fails; the message is the tool's own.
    """
    tags, found = image_tags(root, environment), helm.releases(cluster, environment)
    for chart in charts_of(root, environment):
        plan = make_plan(cluster, chart, environment, tags, found)
        with step(f"Chart {chart.name}: ct install in its place"), helm.values_file(plan.values) as extra:
            if chart.name in found:
                helm.uninstall(cluster, chart.name, environment)
            files = [f"--values={path}" for path in [*chart.value_files(environment), extra]]
            words = [
                "--namespace",
                environment.servers,
                "--helm-extra-args",
                f"--kube-context={cluster.context} --timeout=5m",
            ]
            words += ["--helm-extra-set-args", " ".join(files)]
            run([*_ct("install", root, chart), *words], env=cluster.environ | _path_with_helm(), cwd=root)
            helm.upgrade(cluster, chart, environment, plan.values)
            wait.until_ready(cluster, wait.workloads(plan.manifest, environment.servers))


def _ct(verb: str, root: Path, chart: Chart) -> list[str | Path]:
    return [ensure_tool("ct"), verb, "--charts", chart.path.relative_to(root)]


def _lint(root: Path, chart: Chart, values: str) -> list[str | Path]:
    # the charts' own closed schemas and `helm lint --strict` say more than chart-testing's generic ones
    words = ["--validate-chart-schema=false", "--validate-yaml=false", "--validate-maintainers=false"]
    words += ["--check-version-increment=false", "--skip-helm-dependencies", "--helm-lint-extra-args", values]
    return [*_ct("lint", root, chart), *words]


def _path_with_helm() -> dict[str, str]:
    """A PATH on which chart-testing finds the pinned Helm under its plain name, and yamllint beside this Python."""
    folder = cache_dir() / "bin" / "path"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("helm", "kubectl"):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(ensure_tool(name))
    return {"PATH": f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
