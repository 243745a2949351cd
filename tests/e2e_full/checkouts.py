"""Checkouts of two releases, and the verbs that a site runs in them."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from dataops.platform.process import run
from tests.e2e.verbs import ROOT, make

LABEL = "app.kubernetes.io/part-of: dataops\n"
OWN_LABEL = LABEL + "app.kubernetes.io/version: {{ .root.Chart.Version }}\n"
HEADING = "## [Unreleased]\n"
ENTRY = HEADING + "\n### Added\n\n- charts: every object says which release it is of.\n"


def clone(folder: Path, commit: str) -> Path:
    """A clone of this repository with one of its commits on the branch main."""
    run(["git", "clone", "--quiet", ROOT, folder])
    run(["git", "-C", folder, "checkout", "--quiet", "-B", "main", commit])
    for key in ("user.name", "user.email"):
        run(["git", "-C", folder, "config", key, "site"])
    return folder


def release(folder: Path, version: str) -> None:
    """Make a release of a checkout in which at least one line of every chart's objects is new."""
    for path, old, new in (("charts/common/templates/_names.tpl", LABEL, OWN_LABEL), ("CHANGELOG.md", HEADING, ENTRY)):
        text = (folder / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, path
        (folder / path).write_text(text.replace(old, new), encoding="utf-8")
    run(["git", "-C", folder, "commit", "--quiet", "--all", "--message", "charts: each object names its release"])
    assert make("release", folder, VERSION=version).returncode == 0


def deploy(folder: Path, **settings: str) -> str:
    """Deploy a checkout without its smoke run; what it said."""
    done = make("deploy", folder, ENV="openshift", SMOKE="never", **settings)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def cut_off(folder: Path, **settings: str) -> str:
    """Start to deploy a checkout, and end all of it at once when the first chart is through; what it said."""
    environment, said = {**os.environ, "ENV": "openshift", "SMOKE": "never", **settings}, ""
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(
        ["make", "deploy"], cwd=folder, env=environment, text=True, stdout=pipe, stderr=both, start_new_session=True
    ) as running:
        assert running.stdout
        for line in running.stdout:
            print(line, end="", flush=True)
            said += line
            if "==> Chart" in said and "done in" in line:
                os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL, said[-3000:]
    return said
