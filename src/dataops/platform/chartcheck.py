"""Helm's and chart-testing's own checks over every chart."""

import os
import sys
from pathlib import Path

from dataops.platform import helm
from dataops.platform.charts import charts_of
from dataops.platform.environment import load_environment
from dataops.platform.paths import cache_dir
from dataops.platform.process import run
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
                    run(_ct(root, chart.path, " ".join(map(str, files))), env=_path_with_helm(), cwd=root)


def _ct(root: Path, chart: Path, values: str) -> list[str | Path]:
    words: list[str | Path] = [ensure_tool("ct"), "lint", "--charts", chart.relative_to(root)]
    # the charts' own closed schemas and `helm lint --strict` say more than chart-testing's generic ones
    words += ["--validate-chart-schema=false", "--validate-yaml=false", "--validate-maintainers=false"]
    return [*words, "--check-version-increment=false", "--skip-helm-dependencies", "--helm-lint-extra-args", values]


def _path_with_helm() -> dict[str, str]:
    """A PATH on which chart-testing finds the pinned Helm under its plain name, and yamllint beside this Python."""
    folder = cache_dir() / "bin" / "path"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("helm", "kubectl"):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(ensure_tool(name))
    return {"PATH": f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
