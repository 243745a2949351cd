"""The pipeline, judged and run by gitlab-ci-local: the rules as we read them, and the jobs of a fresh clone."""

import base64
import json
from collections.abc import Iterator

import pytest

from dataops.platform import registry as registries
from dataops.platform.images import image_refs
from dataops.platform.images_lock import find_uv
from dataops.platform.paths import cache_dir
from dataops.platform.process import run
from tests.e2e.verbs import ROOT
from tests.e2e_full.gitlab import VERSIONS, Project
from tests.integration.registries import PASSWORD, USER, registry
from tests.repo.pipeline import MACHINE, MAIN, SITUATIONS, decide, jobs

# the emulator always knows a branch; GitLab sets this one for branches only
BRANCH_NAME = "CI_COMMIT_BRANCH"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("project") / "platform")


@pytest.mark.parametrize("situation", SITUATIONS)
def test_both_read_the_rules_of_jobs_alike(project: Project, situation: str) -> None:
    variables = {"CI_DEFAULT_BRANCH": "main", **SITUATIONS[situation], **MACHINE}
    ours = {name: decide(job["rules"], variables)["when"] for name, job in jobs().items()}
    theirs = project.decided(variables, without=() if BRANCH_NAME in variables else (BRANCH_NAME,))
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
            "REGISTRY_READER": str(login),
            "REGISTRY_WRITER": str(login),
            "REGISTRY_CERT_DIR": str(folder / "ca"),
        }


@pytest.fixture(scope="module")
def main(shelf: dict[str, str]) -> dict[str, str]:
    """A push to main; GitLab has brought the caches back."""
    packages = run([find_uv(VERSIONS), "cache", "dir"]).stdout.strip()
    return {**MAIN, **shelf, "DATAOPS_CACHE": str(cache_dir()), "UV_CACHE_DIR": packages}


def test_the_jobs_lint_test_package_and_push_run(
    project: Project, main: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = project.run("lint", "test", "package", "push", **main)
    assert "PASS  lint" in said and "PASS  test" in said and "PASS  package" in said and "PASS  push" in said, said
    assert len(list((project.folder / "dist").glob("*.tgz"))) == len(list(ROOT.glob("charts/*/values.yaml")))
    monkeypatch.setenv("REGISTRY_CERT_DIR", main["REGISTRY_CERT_DIR"])
    monkeypatch.setenv("REGISTRY_AUTH_FILE", main["REGISTRY_READER"])
    commit = run(["git", "rev-parse", "--short=8", "HEAD"], cwd=project.folder).stdout.strip()
    for name, local in image_refs(project.folder).items():
        target = f"{main['DATAOPS_REGISTRY']}/{name}"
        found = registries.digest(f"{target}:{local.rpartition(':')[2]}")
        assert found and found == registries.digest(f"{target}:{commit}"), name


def test_a_second_push_touches_no_layer(project: Project, main: dict[str, str]) -> None:
    said = project.run("push", **main)
    assert (
        "PASS  push" in said and "build image" not in said and "==> push" not in said and "==> pull" not in said
    ), said


def test_a_branch_builds_nothing_that_the_registry_has(project: Project, main: dict[str, str]) -> None:
    branch = {name: value for name, value in {**main, **SITUATIONS["push to a branch"]}.items() if name not in MAIN}
    said = project.run("images", **branch, **SITUATIONS["push to a branch"])
    assert "PASS  images" in said and "==>" not in said, said
