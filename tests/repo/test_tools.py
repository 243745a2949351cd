"""The configuration of the tools is valid, and no exemption in it outlives its need."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.repo.tree import ROOT, matching, text, verbs

BIN = Path(sys.executable).parent
SCHEMA = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")


def test_the_pipeline_is_valid_gitlab() -> None:
    done = subprocess.run(
        [BIN / "check-jsonschema", *SCHEMA, ".gitlab-ci.yml"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_hooks_download_nothing() -> None:
    hooks = yaml.safe_load(text(".pre-commit-config.yaml"))["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    assert all(hook["language"] == "system" for repo in hooks for hook in repo["hooks"])


@pytest.mark.parametrize("rule", yaml.safe_load(text(".hadolint.yaml"))["ignored"])
def test_no_hadolint_exemption_outlives_its_need(rule: str, tmp_path: Path) -> None:
    config = tmp_path / "hadolint.yaml"
    config.write_text("failure-threshold: style\nignored: [DL0000]\n")
    done = subprocess.run(
        [BIN / "hadolint", "--no-color", "--config", config, *matching("images/*/Dockerfile")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert rule in done.stdout, f"no Dockerfile breaks {rule} any more: delete it from .hadolint.yaml"


def test_every_hadolint_exemption_says_why() -> None:
    lines = [line for line in text(".hadolint.yaml").splitlines() if line.strip().startswith("- ")]
    assert lines and all("  # " in line for line in lines)


def test_bare_make_lists_every_verb() -> None:
    done = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=False)
    missing = [verb for verb in verbs() if f"make {verb} " not in done.stdout]
    assert done.returncode == 0 and not missing, f"`make` does not show {missing}"
