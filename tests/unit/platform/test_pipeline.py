"""A generated pipeline is green as it is: lint, its tests, and a run of its DAG on this machine."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform.local.run import run_dag
from dataops.platform.pipeline import TEMPLATES, write_pipeline
from tests.repo.tree import ROOT, files

NAME = "visits_daily"
LONG = "a" * 40
AIRFLOW = ROOT / ".venv-airflow/bin/python"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a pipeline is made of, with one more."""
    copy = tmp_path_factory.mktemp("checkout")
    for path in files():
        if path.parts[0] in ("src", "jobs", "dags", "tests", "pyproject.toml", ".flake8", "bootstrap.yaml"):
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, copy / path)
    (copy / ".venv-airflow").symlink_to(ROOT / ".venv-airflow")
    write_pipeline(copy, NAME)
    write_pipeline(copy, LONG)
    return copy


@pytest.mark.parametrize(
    "tool",
    [
        ("black", "--check"),
        ("isort", "--check"),
        ("flake8",),
        ("mypy", "--follow-imports=silent", "--cache-dir", str(ROOT / ".mypy_cache")),
    ],
    ids=lambda tool: tool[0],
)
def test_it_passes_lint(checkout: Path, tool: tuple[str, ...]) -> None:
    written = [path.format(name=name) for path in TEMPLATES.values() for name in (NAME, LONG)]
    done = subprocess.run([sys.executable, "-m", *tool, *written], cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("python", "tests"),
    [
        (sys.executable, [f"tests/jobs/test_{NAME}.py"]),
        (AIRFLOW, [f"tests/dags/test_{NAME}.py", "tests/dags/test_policy.py"]),
    ],
    ids=["job", "dag"],
)
def test_its_tests_are_green(checkout: Path, python: Path, tests: list[str]) -> None:
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_dag_runs_on_this_machine(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_dag(checkout, NAME, "2013-12-31")
    said = capfd.readouterr()
    assert f"{NAME} for 2013-12-31: success" in said.out and '"rows_in": 3, "rows_out": 3' in said.err


def test_a_job_that_fails_fails_the_run_with_its_reason(
    checkout: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(checkout, broken, symlinks=True)
    job = broken / f"jobs/{NAME}.py"
    job.write_text(job.read_text().replace("rejected={}", 'rejected={"lost": 1}'))
    assert not run_dag(broken, NAME, "2013-12-31")
    said = capfd.readouterr()
    assert f"{NAME} for 2013-12-31: failed" in said.out and "3 rows in, but 3 out" in said.out + said.err


def test_nothing_is_overwritten(checkout: Path) -> None:
    before = {path: path.read_bytes() for path in checkout.glob("*/*.*")}
    with pytest.raises(UserError, match=f"jobs/tables/silver_{NAME}.py, jobs/{NAME}.py, .* exists already"):
        write_pipeline(checkout, NAME)
    assert {path: path.read_bytes() for path in checkout.glob("*/*.*")} == before


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Visits", "'Visits' is no name of a pipeline"),
        ("_visits", "is no name of a pipeline"),
        ("../visits", "is no name of a pipeline"),
        ("lambda", "is no name of a pipeline"),
        ("logging", "logging is the name of a Python package"),
        ("airflow", "airflow is the name of a Python package"),
    ],
)
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        write_pipeline(tmp_path, name)


def test_a_dag_that_is_not_there_is_named_with_those_that_are(checkout: Path) -> None:
    with pytest.raises(UserError, match=f"DAG=visits is no file of dags/: choose one of {LONG}, flights, .*{NAME}"):
        run_dag(checkout, "visits", None)
