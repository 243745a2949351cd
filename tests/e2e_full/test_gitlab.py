"""The pipeline, judged and run by gitlab-ci-local: the rules as we read them, and the jobs of a fresh clone."""

import base64
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dataops.platform import registry as registries
from dataops.platform.images.builder import image_refs
from dataops.platform.images.lock import find_uv
from dataops.platform.paths import cache_dir
from dataops.platform.process import run
from dataops.platform.tools import ensure_tool
from tests.e2e.verbs import ROOT
from tests.e2e_full.gitlab import VERSIONS, Project
from tests.integration.registries import PASSWORD, USER, registry
from tests.repo.pipeline import MACHINE, MAIN, SITUATIONS, decide, jobs


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("project") / "platform")


@pytest.mark.parametrize("situation", SITUATIONS)
def test_both_read_the_rules_of_jobs_alike(project: Project, situation: str) -> None:
    variables = {"CI_DEFAULT_BRANCH": "main", **SITUATIONS[situation], **MACHINE}
    ours = {name: decide(job["rules"], variables)["when"] for name, job in jobs().items()}
    theirs = project.decided(variables)
    assert theirs == {name: when for name, when in ours.items() if when != "never"}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A registry with TLS and a log-in, as the variables of a project describe it."""
    folder = tmp_path_factory.mktemp("registry")
    with registry(folder, login=True) as address:
        login = folder / "login.json"
        secret = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        login.write_text(json.dumps({"auths": {address: {"auth": secret}}}), encoding="utf-8")
        yield {
            "DATAOPS_REGISTRY": f"{address}/dataops",
            "REGISTRY_AUTH_FILE": str(login),
            "REGISTRY_CERT_DIR": str(folder / "ca"),
        }
    shutil.rmtree(folder)  # the images are gigabytes, and pytest keeps folders for three runs


@pytest.fixture(scope="module")
def settings(shelf: dict[str, str]) -> dict[str, str]:
    """What the project sets, and caches as GitLab has brought them back."""
    packages = run([find_uv(VERSIONS), "cache", "dir"]).stdout.strip()
    return {**shelf, "DATAOPS_CACHE": str(cache_dir()), "UV_CACHE_DIR": packages}


def test_the_jobs_lint_test_package_and_push_run(
    project: Project, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = project.run({**settings, **MAIN}, "lint", "test", "package", "push")
    for job in ("lint", "test", "package", "push"):
        assert re.search(rf"PASS +{job}\b", said), said[-5000:]
    monkeypatch.setenv("REGISTRY_CERT_DIR", settings["REGISTRY_CERT_DIR"])
    monkeypatch.setenv("REGISTRY_AUTH_FILE", settings["REGISTRY_AUTH_FILE"])
    commit = run(["git", "rev-parse", "--short=8", "HEAD"], cwd=project.folder).stdout.strip()
    for name, local in image_refs(project.folder).items():
        target = f"{settings['DATAOPS_REGISTRY']}/{name}"
        found = registries.digest(f"{target}:{local.rpartition(':')[2]}")
        assert found and found == registries.digest(f"{target}:{commit}"), name


def test_a_second_push_touches_no_layer(project: Project, settings: dict[str, str]) -> None:
    said = project.run({**settings, **MAIN}, "push")
    assert re.search(r"PASS +push\b", said) and "tag 0 of" in said, said
    assert not re.search(r"==> (build|push|pull)", said), said


def test_a_branch_builds_nothing_that_the_registry_has(project: Project, settings: dict[str, str]) -> None:
    said = project.run({**settings, **SITUATIONS["push to a branch"]}, "images")
    assert re.search(r"PASS +images\b", said) and "==>" not in said, said


def test_a_release_publishes_the_charts_too(
    project: Project, settings: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = yaml.safe_load((ROOT / "charts/spark/Chart.yaml").read_text(encoding="utf-8"))["version"]
    tag = {**settings, **SITUATIONS["tag of a release"], "CI_COMMIT_TAG": f"v{version}"}
    said = project.run(tag, "push")
    assert re.search(r"PASS +push\b", said) and not re.search(r"==> (build|pull)", said), said
    where = f"oci://{settings['DATAOPS_REGISTRY']}/charts/spark"
    trust = {"SSL_CERT_DIR": settings["REGISTRY_CERT_DIR"], "HELM_REGISTRY_CONFIG": settings["REGISTRY_AUTH_FILE"]}
    run([ensure_tool("helm"), "pull", where, "--version", version, "--untar"], cwd=tmp_path, env=trust)
    assert (tmp_path / "spark/charts/common/Chart.yaml").is_file()
    monkeypatch.setenv("REGISTRY_CERT_DIR", settings["REGISTRY_CERT_DIR"])
    monkeypatch.setenv("REGISTRY_AUTH_FILE", settings["REGISTRY_AUTH_FILE"])
    content = image_refs(project.folder)["spark"].rpartition(":")[2]
    spark = f"{settings['DATAOPS_REGISTRY']}/spark"
    assert registries.digest(f"{spark}:v{version}") == registries.digest(f"{spark}:{content}")
    again = project.run(tag, "push")
    assert "tag 0 of" in again and "==> push" not in again, again
