"""Helm as the platform uses it: render, read the last release, install, remove."""

import difflib
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dataops.errors import UserError
from dataops.platform.charts import Chart
from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster
from dataops.platform.paths import repository_root
from dataops.platform.process import run
from dataops.platform.tools import ensure_tool
from dataops.platform.versions import load_versions

Manifest = list[dict[str, Any]]


@dataclass(frozen=True)
class Release:
    """What Helm recorded last under a name.

    Attributes:
        revision: The number Helm counts up.
        status: Helm's word, `deployed` when all went well.
        version: The chart's version.
    """

    revision: int
    status: str
    version: str


@contextmanager
def values_file(values: dict[str, Any]) -> Iterator[Path]:
    """The values that `dataops deploy` fills in, as a file for Helm.

    Args:
        values: What goes under `global:`.

    Yields:
        The file, gone afterwards.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deploy.yaml"
        path.write_text(yaml.safe_dump({"global": values}), encoding="utf-8")
        yield path


def template(chart: Chart, environment: Environment, values: dict[str, Any]) -> str:
    """Render a chart without talking to a cluster.

    Args:
        chart: The chart.
        environment: The place.
        values: Filled in under `global:`.

    Returns:
        Every object as YAML, `helm test` pods among them.

    Raises:
        UserError: A value is unknown, of the wrong kind or missing; the message names it and the chart.
    """
    # a Helm built from source alone takes itself for one of Kubernetes 1.20, which charts refuse
    version = ["--kube-version", load_versions(repository_root())["KUBERNETES_VERSION"]]
    with values_file(_with_registry(environment, values)) as extra:
        done = run([ensure_tool("helm"), "template", *version, *_arguments(chart, environment, extra)], check=False)
    if done.returncode:
        raise UserError(
            f"chart {chart.name} cannot be rendered for ENV={environment.name}: {_reason(done.stderr)}; correct its "
            f"values.yaml or values-{environment.name}.yaml, values.schema.json beside them says what may stand there"
        )
    return done.stdout


def upgrade(cluster: Cluster, chart: Chart, environment: Environment, values: dict[str, Any]) -> None:
    """Install a chart or bring its release up to date, without waiting for its pods.

    Args:
        cluster: The cluster.
        chart: The chart.
        environment: The place.
        values: Filled in under `global:`.
    """
    with values_file(_with_registry(environment, values)) as extra:
        _helm(["upgrade", "--install", "--history-max", "5", *_arguments(chart, environment, extra)], cluster)


def uninstall(cluster: Cluster, name: str, environment: Environment) -> None:
    """Remove a release and wait until its objects and the pods they own are gone."""
    waiting = ["--wait", "--cascade", "foreground", "--timeout", "3m"]
    _helm(["uninstall", name, "--namespace", environment.servers, *waiting], cluster)


def releases(cluster: Cluster, environment: Environment) -> dict[str, Release]:
    """Every release of the platform's namespace by name, whatever its state."""
    found = json.loads(_helm(["list", "--all", "--namespace", environment.servers, "--output", "json"], cluster).stdout)
    return {
        entry["name"]: Release(
            int(entry["revision"]), entry["status"], entry["chart"].removeprefix(f"{entry['name']}-")
        )
        for entry in found
    }


def installed(cluster: Cluster, name: str, environment: Environment) -> Manifest:
    """The objects of a release as they were rendered, `helm test` pods among them."""
    where = [name, "--namespace", environment.servers]
    return parse(
        _helm(["get", "manifest", *where], cluster).stdout + "\n---\n" + _helm(["get", "hooks", *where], cluster).stdout
    )


def forget_unfinished(cluster: Cluster, name: str, release: Release, environment: Environment) -> None:
    """Drop the record of an install or upgrade that was killed, which would block the next one for ever."""
    cluster.core.delete_namespaced_secret(f"sh.helm.release.v1.{name}.v{release.revision}", environment.servers)


def parse(text: str) -> Manifest:
    """The objects of a rendered text."""
    return [document for document in yaml.safe_load_all(text) if document]


def difference(wanted: Manifest, existing: Manifest) -> list[str]:
    """Compare two renders object by object.

    Args:
        wanted: What would be installed.
        existing: What is.

    Returns:
        One line for each object that is new, changed or gone; nothing when they are equal.
    """
    new, old = _index(wanted), _index(existing)
    lines = [f"+ {name}" for name in new if name not in old]
    lines += [f"~ {name}" for name in new if name in old and new[name] != old[name]]
    return sorted(lines + [f"- {name}" for name in old if name not in new], key=lambda line: line[2:])


def explain(wanted: Manifest, existing: Manifest) -> list[str]:
    """Show two renders' differences line by line; charts render no Secret, so nothing is shown that must not be.

    Args:
        wanted: What would be installed.
        existing: What is.

    Returns:
        A unified diff of each object that is new, changed or gone.
    """
    new, old = _index(wanted), _index(existing)
    lines: list[str] = []
    for name in sorted({*new, *old}):
        before, after = (_lines(where[name]) if name in where else [] for where in (old, new))
        lines += difflib.unified_diff(before, after, f"{name} (as it is)", f"{name} (as it would be)", lineterm="")
    return lines


def _lines(one: dict[str, Any]) -> list[str]:
    return yaml.dump(one, Dumper=_Readable, width=120).splitlines()


class _Readable(yaml.SafeDumper):
    """Writes a text of several lines as such, so that a changed line of a file shows as one."""


_Readable.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def _index(manifest: Manifest) -> dict[str, dict[str, Any]]:
    return {
        f"{one['kind']} {one['metadata'].get('namespace', '')}/{one['metadata']['name']}".replace(" /", " "): one
        for one in manifest
    }


def _with_registry(environment: Environment, values: dict[str, Any]) -> dict[str, Any]:
    """The values with the registry of the command line, which no file holds."""
    return {**values, "registry": environment.get("registry")}


def _arguments(chart: Chart, environment: Environment, extra: Path) -> list[str | Path]:
    files = [word for path in [*chart.value_files(environment), extra] for word in ("--values", path)]
    return [chart.name, chart.path, "--namespace", environment.servers, *files]


def _helm(arguments: list[Any], cluster: Cluster | None = None) -> Any:
    where = ["--kube-context", cluster.context] if cluster else []
    done = run([ensure_tool("helm"), *arguments, *where], env=cluster.environ if cluster else None, check=False)
    if done.returncode:
        words = " ".join(str(word) for word in arguments[:2])
        raise UserError(f"helm {words} failed: {_reason(done.stderr or done.stdout)}; then run the same command again")
    return done


def _reason(said: str) -> str:
    """What Helm says, as one line: each value that its chart's schema refuses with its place, else its last words."""
    refused = re.findall(r"^- at '/?(.*?)': (.*)", said, re.MULTILINE)
    if refused:
        return "; ".join(f"{place.replace('/', '.') or 'at the top'}: {what}" for place, what in refused)
    lines = [line.strip().removeprefix("Error: ") for line in said.splitlines()]
    # every chart links to the library chart, and Helm mentions it each time
    return " ".join(
        [line for line in lines if line and "found symbolic link" not in line and "--debug" not in line][-6:]
    )
