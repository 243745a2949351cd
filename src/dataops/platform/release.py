"""Makes a release: versions of charts, the changelog's heading, one commit and its tag; in a pipeline also the push."""

import base64
import datetime
import os
import re
from pathlib import Path

from dataops.errors import UserError
from dataops.platform.process import run, step

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)
CHANGELOG = "CHANGELOG.md"
UNRELEASED = "## [Unreleased]\n"


def release(root: Path, version: str) -> list[str]:
    """Make a release of what is checked out.

    Args:
        root: The repository root.
        version: The new version, e.g. 1.2.0.

    Returns:
        What was done, and what is left to a person.

    Raises:
        UserError: The checkout or the version cannot be released, or the push was refused; nothing has changed then.
    """
    branch, tag = _branch(root), f"v{version}"
    notes = _check(root, version, branch)
    before = _git(root, "rev-parse", "HEAD")
    for path, text in {**_versions(root, version), **_changelog(root, version)}.items():
        path.write_text(text, encoding="utf-8")
    try:
        _git(root, "commit", "--quiet", "--all", "--message", f"release: {version}")
        _git(root, "tag", "--annotate", "--cleanup=verbatim", "--message", f"{tag}\n\n{notes}", tag)
        token = os.environ.get("RELEASE_TOKEN")
        if not token:
            return [f"made {tag}", f"publish it with `git push --atomic origin {branch} {tag}`"]
        with step(f"push {tag}"):
            _push(root, branch, tag, token)
    except UserError:
        run(["git", "tag", "--delete", tag], cwd=root, check=False)
        run(["git", "reset", "--quiet", "--hard", before], cwd=root, check=False)
        raise
    return [f"made and pushed {tag}; its pipeline publishes the images and charts"]


def _check(root: Path, version: str, branch: str | None) -> str:
    """Refuse what cannot be released; the entries of the release otherwise."""
    if not VERSION.fullmatch(version):
        raise UserError(f"VERSION={version} is no version: name three numbers, as in `make release VERSION=1.2.0`")
    changed = _git(root, "status", "--porcelain", "--untracked-files=all").splitlines()
    if changed:
        raise UserError(
            f"{changed[0].split(maxsplit=1)[1]} is not committed: commit or remove what is new or changed, then release"
        )
    main = os.environ.get("CI_DEFAULT_BRANCH") or "main"
    if branch != main:
        raise UserError(f"a release is made on {main}, not on {branch or 'a commit without branch'}: check out {main}")
    heading, _, rest = (root / CHANGELOG).read_text(encoding="utf-8").partition(UNRELEASED)[2].partition("\n## ")
    released = re.findall(r"^(?:## )?\[(\d+\.\d+\.\d+)\]", rest, re.MULTILINE)
    newest = max(released, key=_numbers, default=None)
    if newest and _numbers(version) <= _numbers(newest):
        raise UserError(
            f"VERSION={version} is not higher than {newest}, the newest in {CHANGELOG}: choose a higher one"
        )
    if not re.search(r"^- \S", heading, re.MULTILINE):
        raise UserError(f"{CHANGELOG} says nothing under [Unreleased]: write what changed, then release")
    if _git(root, "tag", "--list", f"v{version}"):
        raise UserError(f"the tag v{version} exists already: choose a higher version")
    if run(["git", "var", "GIT_COMMITTER_IDENT"], cwd=root, check=False).returncode:
        raise UserError("Git does not know who you are: set user.name and user.email with `git config`")
    return heading.strip()


def _branch(root: Path) -> str | None:
    """The branch, which in a pipeline's checkout only GitLab knows."""
    named = run(["git", "symbolic-ref", "--quiet", "--short", "HEAD"], cwd=root, check=False).stdout.strip()
    return named or os.environ.get("CI_COMMIT_BRANCH")


def _versions(root: Path, version: str) -> dict[Path, str]:
    """The files that carry the platform's own version, with the new one."""
    files = {}
    for path in sorted((root / "charts").glob("*/Chart.yaml")):
        text = path.read_text(encoding="utf-8")
        current = re.search(r"^version: (\S+)$", text, re.MULTILINE)
        if current is None:
            raise UserError(f"{path} has no line `version: <number>`: add it")
        own = rf"^(version|appVersion|    version): {re.escape(current[1])}$"
        files[path] = re.sub(own, rf"\1: {version}", text, flags=re.MULTILINE)
    project = root / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    files[project] = re.sub(r'^version = ".*"$', f'version = "{version}"', text, count=1, flags=re.MULTILINE)
    return files


def _changelog(root: Path, version: str) -> dict[Path, str]:
    path = root / CHANGELOG
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    heading = f"{UNRELEASED}\n## [{version}] - {today}\n"
    return {path: path.read_text(encoding="utf-8").replace(UNRELEASED, heading, 1)}


def _push(root: Path, branch: str | None, tag: str, token: str) -> None:
    """Push commit and tag, both or none, as the token's account; the token is in no argument and no file."""
    secret = base64.b64encode(f"release:{token}".encode()).decode()
    login = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {secret}",
        "GIT_TERMINAL_PROMPT": "0",
    }
    url = f"{os.environ.get('CI_PROJECT_URL')}.git"
    words = ["git", "push", "--atomic", "--quiet", url, f"HEAD:refs/heads/{branch}", f"refs/tags/{tag}"]
    done = run(words, cwd=root, env=login, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise UserError(
            f"{url} did not take {tag} ({said[-1] if said else 'it said nothing'}), so nothing was released: "
            "RELEASE_TOKEN needs write_repository and a role that may push to the branch; "
            "if the branch has moved on, run the job of its newest pipeline"
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def _git(root: Path, *words: str) -> str:
    return run(["git", *words], cwd=root).stdout.strip()
