"""Promises of a release: refused before anything changes, or one commit and one tag with every version in step."""

import base64
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from dataops.errors import UserError
from dataops.platform.release import release

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- spark: something new.

## [1.1.0] - 2026-01-31

### Fixed

- spark: something old.
"""
CHART = """# What it is.
apiVersion: v2
name: {name}
type: application
version: 1.1.0
appVersion: {app}
dependencies:
  - name: common
    version: 1.1.0
"""
IDENTITY = {"user.name": "Somebody", "user.email": "somebody@example.com"}
Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A checkout on main, cut off from the configuration of this machine, and Git in it."""
    for name in ("RELEASE_TOKEN", "CI_COMMIT_BRANCH", "CI_DEFAULT_BRANCH", "CI_PROJECT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def call(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    for name, app in (("spark", "9.8.7"), ("platform", "1.1.0")):
        (tmp_path / "charts" / name).mkdir(parents=True)
        (tmp_path / "charts" / name / "Chart.yaml").write_text(CHART.format(name=name, app=app))
    (tmp_path / "charts" / "common").mkdir()
    (tmp_path / "charts" / "common" / "Chart.yaml").write_text("name: common\ntype: library\nversion: 1.1.0\n")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.1.0"\n[tool.x]\nversion = "9"\n')
    call("init", "--quiet", "--initial-branch=main")
    for name, value in IDENTITY.items():
        call("config", name, value)
    call("add", ".")
    call("commit", "--quiet", "--message=before")
    return call


def refused(root: Path, git: Git, version: str, why: str) -> None:
    """A release is refused for a reason, and nothing has changed."""
    before = git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag")
    with pytest.raises(UserError, match=why):
        release(root, version)
    assert before == (git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag"))


def test_everything_is_in_step_in_one_commit_with_its_tag(tmp_path: Path, git: Git) -> None:
    said = release(tmp_path, "1.2.0")
    assert said == ["made v1.2.0", "publish it with `git push --atomic origin main v1.2.0`"]
    charts = {path.parent.name: yaml.safe_load(path.read_text()) for path in tmp_path.glob("charts/*/Chart.yaml")}
    assert {chart["version"] for chart in charts.values()} == {"1.2.0"}
    assert {chart["dependencies"][0]["version"] for chart in charts.values() if "dependencies" in chart} == {"1.2.0"}
    assert (charts["spark"]["appVersion"], charts["platform"]["appVersion"]) == ("9.8.7", "1.2.0")
    assert (tmp_path / "charts/spark/Chart.yaml").read_text().startswith("# What it is.\n")
    assert (tmp_path / "pyproject.toml").read_text() == '[project]\nversion = "1.2.0"\n[tool.x]\nversion = "9"\n'
    assert git("status", "--porcelain") == "" and git("log", "-1", "--format=%s") == "release: 1.2.0"
    assert git("rev-parse", "v1.2.0^{commit}") == git("rev-parse", "HEAD")
    assert "- spark: something new." in git("tag", "--list", "--format=%(contents)", "v1.2.0")


def test_the_changelogs_section_gets_its_number_and_day(tmp_path: Path, git: Git) -> None:
    release(tmp_path, "1.2.0")
    before, _, after = (tmp_path / "CHANGELOG.md").read_text().partition("## [1.2.0] - ")
    day, _, rest = after.partition("\n")
    assert before == "# Changelog\n\n## [Unreleased]\n\n" and len(day.split("-")) == 3
    assert rest.startswith("\n### Added\n\n- spark: something new.\n\n## [1.1.0] - 2026-01-31\n")
    refused(tmp_path, git, "1.3.0", r"CHANGELOG.md says nothing under \[Unreleased\]")


@pytest.mark.parametrize("version", ["", "1.2", "v1.2.0", "1.2.0-rc1", "01.2.0", "1.2.0\n"])
def test_a_version_that_is_none(tmp_path: Path, git: Git, version: str) -> None:
    refused(tmp_path, git, version, "is no version: name three numbers")


@pytest.mark.parametrize("version", ["1.1.0", "1.0.9", "0.9.0"])
def test_a_version_that_is_not_higher(tmp_path: Path, git: Git, version: str) -> None:
    refused(tmp_path, git, version, f"VERSION={version} is not higher than 1.1.0")


def test_numbers_are_compared_as_numbers(tmp_path: Path, git: Git) -> None:
    release(tmp_path, "1.10.0")
    assert git("tag") == "v1.10.0"


@pytest.mark.parametrize("name", ["CHANGELOG.md", "new file.txt"])
def test_a_dirty_tree(tmp_path: Path, git: Git, name: str) -> None:
    with (tmp_path / name).open("a") as file:
        file.write("more\n")
    refused(tmp_path, git, "1.2.0", f'^"?{name}"? is not committed')


def test_another_branch(tmp_path: Path, git: Git) -> None:
    git("checkout", "--quiet", "-b", "feature")
    refused(tmp_path, git, "1.2.0", "made on main, not on feature: check out main")


def test_a_commit_without_branch(tmp_path: Path, git: Git) -> None:
    git("checkout", "--quiet", "--detach")
    refused(tmp_path, git, "1.2.0", "made on main, not on a commit without branch")


def test_a_pipelines_checkout_has_the_branch_that_gitlab_names(
    tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("checkout", "--quiet", "--detach")
    monkeypatch.setenv("CI_COMMIT_BRANCH", "trunk")
    refused(tmp_path, git, "1.2.0", "made on main, not on trunk")
    monkeypatch.setenv("CI_DEFAULT_BRANCH", "trunk")
    release(tmp_path, "1.2.0")
    assert git("tag") == "v1.2.0"


def test_a_tag_that_is_there(tmp_path: Path, git: Git) -> None:
    git("tag", "v1.2.0")
    refused(tmp_path, git, "1.2.0", "the tag v1.2.0 exists already")


def test_somebody_without_a_name(tmp_path: Path, git: Git) -> None:
    for name in IDENTITY:
        git("config", "--unset", name)
    git("config", "user.useConfigOnly", "true")
    refused(tmp_path, git, "1.2.0", "Git does not know who you are")


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A server that writes down each Authorization header and lets nobody push."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(f"{self.path} {self.headers.get('Authorization')}")
            self.send_error(403)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("CI_PROJECT_URL", f"http://127.0.0.1:{server.server_port}/dataops/platform")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("RELEASE_TOKEN", "s3cret-of-the-release")
        yield seen
        server.shutdown()


def test_a_refused_push_leaves_no_release_and_shows_no_token(tmp_path: Path, git: Git, gitlab: list[str]) -> None:
    before = git("rev-parse", "HEAD"), git("tag")
    with pytest.raises(UserError, match="so nothing was released: RELEASE_TOKEN needs write_repository") as error:
        release(tmp_path, "1.2.0")
    assert before == (git("rev-parse", "HEAD"), git("tag")) and git("status", "--porcelain") == ""
    login = base64.b64encode(b"release:s3cret-of-the-release").decode()
    path = "/dataops/platform.git/info/refs?service=git-receive-pack"
    assert gitlab == [f"{path} Basic {login}"]
    assert "s3cret" not in str(error.value) and login not in str(error.value)


def test_a_push_brings_commit_and_tag_or_neither(
    tmp_path: Path, git: Git, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = tmp_path_factory.mktemp("remote") / "platform.git"
    git("clone", "--quiet", "--bare", ".", str(remote))
    monkeypatch.setenv("CI_PROJECT_URL", str(remote).removesuffix(".git"))
    monkeypatch.setenv("RELEASE_TOKEN", "x")
    assert release(tmp_path, "1.2.0") == ["made and pushed v1.2.0; its pipeline publishes the images and charts"]
    there = subprocess.run(["git", "rev-parse", "main", "v1.2.0^{commit}"], cwd=remote, capture_output=True, text=True)
    assert set(there.stdout.split()) == {git("rev-parse", "HEAD")}
    # main has moved on there: neither comes
    git("reset", "--quiet", "--hard", "HEAD~1")
    with (tmp_path / "CHANGELOG.md").open("a") as file:
        file.write("\n")
    git("commit", "--quiet", "--all", "--message=another way")
    with pytest.raises(UserError, match="did not take v1.3.0"):
        release(tmp_path, "1.3.0")
    tags = subprocess.run(["git", "tag"], cwd=remote, capture_output=True, text=True)
    assert tags.stdout.split() == ["v1.2.0"]
