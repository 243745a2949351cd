"""What make says when it cannot go on: one sentence with the fix, and the next run starts from there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.providers import PROVIDERS
from dataops.platform.clusters import CLUSTERS
from dataops.platform.images.engine import ENGINES
from tests.repo.tree import ROOT, VERSIONS, text

MADE_FROM = ("Makefile", "versions.env", "pyproject.toml", "environments", "locks/dev.txt")


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make in a folder and return what it said."""
    names = ("ENV", "CLUSTER", "ENGINE", "MAKEFLAGS", "MAKELEVEL")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.run(["make", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What make needs of a checkout to prepare Python, with a uv in its cache that obeys the file `answer`."""
    for name in MADE_FROM:
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target)
    uv = tmp_path / f"cache/uv-{VERSIONS['UV_VERSION']}/bin/uv"
    uv.parent.mkdir(parents=True)
    uv.write_text(
        f'#!/bin/sh\n[ "$1" = pip ] || {{ mkdir -p .venv/bin; touch .venv/bin/python; exit 0; }}\n. {tmp_path}/answer\n'
    )
    uv.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("wrong", ["ENV=prod", "ENV=local openshift", "CLUSTER=minikube", "ENGINE=lxc"])
def test_a_wrong_switch_gets_a_sentence(wrong: str) -> None:
    done = make(ROOT, "help", wrong)
    assert done.returncode != 0 and f"{wrong} is unknown: choose one of" in done.stderr


def test_an_empty_environment_is_local() -> None:
    assert "--env local" in make(ROOT, "-n", "status", "ENV=").stdout


def test_make_and_the_programs_know_the_same_words() -> None:
    typed = dict(re.findall(r"call choose,(\w+),([a-z ]+)\)", text("Makefile")))
    assert set(typed["CLUSTER"].split()) == set(CLUSTERS) == set(PROVIDERS)
    assert set(typed["ENGINE"].split()) == set(ENGINES)


@pytest.mark.parametrize("version", ["3.10", "3.13"])
def test_another_python_is_refused(checkout: Path, version: str) -> None:
    python = checkout / f"python{version}"
    lie = f"import sys; sys.version_info = ({version.replace('.', ', ')}, 0); exec(sys.argv[1])"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{lie}" "$2"\n')
    python.chmod(0o755)
    done = make(checkout, ".venv", f"PYTHON={python}", f"DATAOPS_CACHE={checkout}/cache")
    assert done.returncode != 0 and f"{python}: the platform needs Python 3.11 or 3.12, install one" in done.stderr


def test_without_pypi_the_sentence_names_the_mirror_and_the_next_run_goes_on(checkout: Path) -> None:
    words = (".venv", f"DATAOPS_CACHE={checkout}/cache")
    (checkout / "answer").write_text("echo 'Connection refused' >&2; exit 2\n")
    done = make(checkout, *words)
    assert done.returncode != 0 and "Connection refused" in done.stderr
    assert (
        "error: the packages were not installed" in done.stderr and "UV_DEFAULT_INDEX and PIP_INDEX_URL" in done.stderr
    )
    assert not (checkout / ".venv/.synced").exists()
    (checkout / "answer").write_text("exit 0\n")
    assert make(checkout, *words).returncode == 0
    assert (checkout / ".venv/.synced").exists()


def test_without_pypi_for_uv_itself_the_sentence_is_the_same(checkout: Path) -> None:
    python = checkout / "python3.11"
    python.write_text('#!/bin/sh\n[ "$1" = -c ] || { mkdir -p "$3/bin"; cp "$0.pip" "$3/bin/pip"; }\n')
    (checkout / "python3.11.pip").write_text("#!/bin/sh\nexit 1\n")
    for program in (python, checkout / "python3.11.pip"):
        program.chmod(0o755)
    done = make(checkout, ".venv", f"PYTHON={python}", f"DATAOPS_CACHE={checkout}/other")
    assert done.returncode != 0 and "error: the packages were not installed" in done.stderr


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (1, 0), (2, 2), (3, 2)])
def test_warnings_of_the_doctor_are_no_failure_and_errors_are(checkout: Path, code: int, ends: int) -> None:
    (checkout / "answer").write_text("exit 0\n")
    doctor = checkout / ".venv/bin/dataops"
    doctor.parent.mkdir(parents=True)
    doctor.write_text(f'#!/bin/sh\necho "$@"\nexit {code}\n')
    doctor.chmod(0o755)
    done = make(checkout, "doctor", "ENV=openshift", f"DATAOPS_CACHE={checkout}/cache")
    assert done.returncode == ends and "doctor --env openshift" in done.stdout
