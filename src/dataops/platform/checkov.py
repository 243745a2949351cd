"""checkov over every rendered chart and every Dockerfile, with the exceptions of .checkov.yaml."""

import json
import shutil
import tempfile
from pathlib import Path

import yaml

from dataops.errors import UserError
from dataops.platform import helm
from dataops.platform.charts import charts_of
from dataops.platform.documents import read_yaml
from dataops.platform.environment import load_environment
from dataops.platform.process import run

PROGRAM = Path(".venv-checkov/bin/checkov")
EXCEPTIONS = Path(".checkov.yaml")
DIGEST = "sha256:" + "0" * 64


def check(root: Path) -> None:
    """Let checkov look at what would be installed and built.

    Args:
        root: The repository root.

    Raises:
        UserError: It found something, or an exception is no longer needed.
    """
    allowed: list[str] = read_yaml(root / EXCEPTIONS)["skip-check"]
    with tempfile.TemporaryDirectory() as folder:
        _gather(root, Path(folder))
        found = _findings(root, Path(folder))
    if idle := sorted(set(allowed) - set(found)):
        raise UserError(f"checkov finds nothing for {', '.join(idle)} any more: delete it from {EXCEPTIONS}")
    if wrong := [f"{each} {where}" for each, where in sorted(found.items()) if each not in allowed]:
        raise UserError("\n       ".join([f"checkov: mend these, or give {EXCEPTIONS} the reason not to:", *wrong]))


def _gather(root: Path, folder: Path) -> None:
    """Write each object as it reaches a cluster, in its namespace, images named by digest; and each Dockerfile."""
    dockerfiles = {path.parent.name: path for path in (root / "images").glob("*/Dockerfile")}
    for name, path in dockerfiles.items():
        (folder / name).mkdir()
        shutil.copy(path, folder / name)
    values = {"tags": dict.fromkeys(dockerfiles, DIGEST), "checksum": ""}
    for file in sorted((root / "environments").glob("*.yaml")):
        environment = load_environment(root, file.stem)
        for chart in charts_of(root, environment):
            objects = helm.parse(helm.template(chart, environment, values))
            for one in objects:
                one["metadata"].setdefault("namespace", environment.servers)
            target = folder / f"{environment.name}-{chart.name}.yaml"
            target.write_text(yaml.safe_dump_all(objects), encoding="utf-8")


def _findings(root: Path, folder: Path) -> dict[str, str]:
    """What each failed check is about and where, by its number."""
    words = ["--skip-download", "--compact", "--quiet", "--soft-fail", "--framework", "kubernetes", "dockerfile"]
    # run in that folder, because it would take .checkov.yaml by itself and not tell which entries are idle
    said = run([root / PROGRAM, *words, "--output", "json", "--directory", folder], cwd=folder).stdout
    reports = {report["check_type"]: report for report in json.loads(said)}
    if set(reports) != {"kubernetes", "dockerfile"} or any(
        one["summary"]["parsing_errors"] for one in reports.values()
    ):
        raise UserError(
            f"checkov did not read every chart and Dockerfile: run `{PROGRAM} --directory images` to see why"
        )
    found: dict[str, str] = {}
    for report in reports.values():
        for each in report["results"]["failed_checks"]:
            found.setdefault(each["check_id"], f"{each['check_name']}: {each['resource']} in {each['file_path']}")
    return found
