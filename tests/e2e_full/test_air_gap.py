"""A bundle is enough: with every outside address out of reach the platform is prepared, built and deployed from it."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.openshift.addon import REGISTRY
from dataops.platform import bundle
from dataops.platform.images import builder
from dataops.platform.process import run
from dataops.platform.versions import load_versions
from tests.e2e.verbs import ROOT, make
from tests.e2e_full.air_gap import MIRROR, behind_gap, copy_of_checkout, gap, inside, mirror
from tests.e2e_full.tenant import openshift, tenant

SETTINGS = "<settings><mirrors><mirror><id>site</id><mirrorOf>*</mirrorOf><url>{}</url></mirror></mirrors></settings>"


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bundle.Bundle]:
    """A bundle of this checkout, as it arrives at the site; gigabytes, so nothing is kept."""
    folder = tmp_path_factory.mktemp("carried") / "bundle"
    done = make("bundle", OUT=str(folder))
    assert done.returncode == 0, done.stdout[-3000:]
    yield bundle.verify(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A clone of the repository on a machine without any way out."""
    with gap():
        checkout = copy_of_checkout(tmp_path_factory.mktemp("site"))
        yield checkout
        shutil.rmtree(checkout)


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """A folder for caches that begin empty."""
    yield tmp_path
    shutil.rmtree(tmp_path)


def packages(carried: bundle.Bundle) -> dict[str, str]:
    """The settings by which pip and uv find the bundle's packages."""
    index = f"file://{carried.folder}/packages"
    return {"PIP_INDEX_URL": index, "UV_DEFAULT_INDEX": index}


@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.1", "10.96.0.1"])
def test_behind_the_gap_nothing_else_is_in_reach(site: Path, address: str) -> None:
    program = "import socket, sys; socket.create_connection((sys.argv[1], 443), 3)"
    done = subprocess.run(inside(["python3", "-c", program, address]), capture_output=True, text=True, check=False)
    assert "unreachable" in done.stderr, done


def test_the_list_holds_every_image_chart_package_and_jar(carried: bundle.Bundle) -> None:
    assert set(carried.images) == {reference.rpartition("/")[2] for reference in builder.image_refs(ROOT).values()}
    names = {path.rpartition("/")[2] for path in carried.files}
    assert {f"{path.parent.name}-0.1.0.tgz" for path in ROOT.glob("charts/*/secrets.yaml")} <= names
    coordinates = [line.split()[0].split(":") for line in jar_lock().read_text().splitlines() if line[0] != "#"]
    assert {f"{artifact}-{version}.jar" for _, artifact, version in coordinates} <= names
    assert {"pyspark", "mlflow", "uv", "setuptools"} <= {
        path.split("/")[1] for path in carried.files if "packages/" in path
    }
    blobs = [entry for entry in carried.files if entry.startswith("images/blobs/")]
    layers = [digest for one in carried.images.values() for digest in blobs_of(carried, one)]
    assert len(layers) > len(set(layers)) and len(blobs) == len(set(layers)) + len(carried.images), "layers are shared"


def blobs_of(carried: bundle.Bundle, digest: str) -> list[str]:
    """Configuration and layers of an image of the bundle."""
    manifest = json.loads((carried.folder / "images/blobs/sha256" / digest.removeprefix("sha256:")).read_text())
    return [manifest["config"]["digest"], *(layer["digest"] for layer in manifest["layers"])]


def jar_lock() -> Path:
    """The lock of the jars in use."""
    return ROOT / f"locks/jars-{load_versions(ROOT)['SPARK_VERSION']}.txt"


def test_the_commands_install_from_the_bundle(site: Path, carried: bundle.Bundle, scratch: Path) -> None:
    empty: dict[str, str | Path] = {
        "DATAOPS_CACHE": scratch / "cache",
        "UV_CACHE_DIR": scratch / "uv",
        "PIP_NO_CACHE_DIR": "1",
    }
    behind_gap(["make", ".venv"], site, **packages(carried), **empty)
    said = behind_gap([".venv/bin/dataops", "bundle", "verify", "--bundle", str(carried.folder)], site)
    assert f"made from {carried.made_from}" in said


def test_an_image_is_built_from_the_bundle(site: Path, carried: bundle.Bundle, scratch: Path) -> None:
    checkout = copy_of_checkout(scratch)
    lock = checkout / f"locks/mlflow-{load_versions(ROOT)['MLFLOW_VERSION']}.txt"
    lock.write_text(lock.read_text(encoding="utf-8") + "# so that it has to be built anew\n", encoding="utf-8")
    index = f"{MIRROR}/packages"
    # buildah keeps what builds download below TMPDIR: here it begins with nothing
    settings = {"PIP_INDEX_URL": index, "UV_DEFAULT_INDEX": index, "TMPDIR": str(scratch), "ENGINE": "buildah"}
    with mirror(carried.folder, scratch) as (certificates, log):
        command = [str(ROOT / ".venv/bin/dataops"), "images", "build", "mlflow"]
        built = behind_gap(command, checkout, BUILD_CA=certificates.authority, **settings).splitlines()[-1]
        requests = log.read_text(encoding="utf-8")
    try:
        assert built != builder.image_refs(ROOT)["mlflow"]
        assert "GET /packages/mlflow/mlflow-" in requests and "GET /packages/uv/uv-" in requests
    finally:
        run(["buildah", "rmi", built])


def test_the_jars_come_from_the_bundle(site: Path, carried: bundle.Bundle, scratch: Path) -> None:
    spec = importlib.util.spec_from_file_location("fetch_jars", ROOT / "images/spark/build/fetch_jars.py")
    assert spec and spec.loader
    fetch_jars = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fetch_jars)
    lock = fetch_jars.parse_lock(jar_lock().read_text(encoding="utf-8"))
    (scratch / "pom.xml").write_text(fetch_jars.project(list(lock), scratch / "jars"), encoding="utf-8")
    (scratch / "settings.xml").write_text(SETTINGS.format(f"file://{carried.folder}/jars"), encoding="utf-8")
    command: list[str | Path] = [
        "mvn",
        "-q",
        "-B",
        "-s",
        scratch / "settings.xml",
        f"-Dmaven.repo.local={scratch}/empty",
    ]
    behind_gap([*command, "-f", scratch / "pom.xml", "dependency:copy"], scratch)
    assert fetch_jars.wrong_checksums(lock, scratch / "jars") == []


def test_the_platform_is_deployed_from_the_bundle(site: Path, carried: bundle.Bundle, scratch: Path) -> None:
    settings: dict[str, str | Path] = {
        "ENV": "openshift",
        "REGISTRY": f"{REGISTRY}/carried",
        "BUNDLE": carried.folder,
        "DATAOPS_CACHE": scratch / "cache",
        "SMOKE": "always",
    }
    with openshift(), tenant() as found:
        behind_gap(["make", "bundle-install"], site, **packages(carried), **settings)
        names = found.environment.namespaces.values()
        pods = [pod for name in names for pod in found.cluster.core.list_namespaced_pod(name).items]
    images = {container.image for pod in pods for container in pod.spec.containers}
    assert images and all("/carried/" in image and "@sha256:" in image for image in images), images
    assert {image.rpartition("@")[2] for image in images} <= set(carried.images.values())
