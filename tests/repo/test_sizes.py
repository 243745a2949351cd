"""Files stay small enough to be read in one go (tests/charts holds the limits of charts)."""

import re
from pathlib import Path

import pytest

from tests.repo.tree import ending, line_count, matching, text

LIMITS = {
    "Makefile": 120,
    "images/*/Dockerfile": 50,
    "charts/*/secrets.yaml": 120,
    "environments/*.yaml": 120,
    "dags/*.py": 60,
    "notebooks-kernel/*.py": 20,
    ".gitlab-ci.yml": 120,
    "docker-compose.yml": 200,
}
PYTHON_LINES = 300
RUN_LINES = 40

LIMITED = [(path, limit) for pattern, limit in LIMITS.items() for path in matching(pattern)]


@pytest.mark.parametrize(("path", "limit"), LIMITED, ids=[str(path) for path, _ in LIMITED])
def test_a_file_keeps_its_limit(path: Path, limit: int) -> None:
    lines = line_count(path)
    assert lines <= limit, f"{path} has {lines} lines, {limit} are allowed: split it or say less"


def test_every_limit_meets_a_file() -> None:
    idle = [pattern for pattern in LIMITS if not matching(pattern)]
    assert not idle, f"no file is limited by {idle}: was a folder renamed?"


def test_python_files_are_short() -> None:
    fat = {str(path): line_count(path) for path in ending(".py") if line_count(path) > PYTHON_LINES}
    assert not fat, f"over {PYTHON_LINES} lines, split them: {fat}"


@pytest.mark.parametrize("dockerfile", matching("images/*/Dockerfile"), ids=str)
def test_no_script_hides_in_a_run(dockerfile: Path) -> None:
    for step in re.split(r"(?<!\\)\n", text(dockerfile)):
        if step.startswith("RUN"):
            assert step.count("\n") < RUN_LINES, f"{dockerfile}: move this into a script of the image: {step[:80]}"
