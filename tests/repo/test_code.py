"""What the code may not do: read the environment anywhere, exempt itself without a reason, name a machine."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from tests.repo.tree import ending, files, is_text, matching, module, text

# Files and folders that read environment variables beside dataops.config, and why they may.
ENVIRONMENT_READERS = {
    "src/dataops/config.py": "the one place for programs of the platform",
    "src/dataops/platform/": "runs on a person's machine, where the switches of make are environment variables",
    "cluster/": "runs on a person's machine, where the switches of make are environment variables",
    "src/dataops/jupyter/surroundings.py": "runs in a user's Jupyter server, which starts sooner without the settings",
    "src/dataops/mlflow/server_auth.py": "runs inside MLflow's server, whose image has no settings of ours",
    "compose/": "runs by itself in a container: docker-compose.yml says what it reads",
    "charts/": "runs by itself beside a product in its pod: the pod spec a few lines away says what it reads",
    "tests/": "tests set and read what the code under test sees",
}
# An exemption names its rule and, behind it, its reason.
EXEMPTIONS = {
    "noqa": re.compile(r"# noqa: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)* *(#|-) *\w.*\w"),
    "type: ignore": re.compile(r"# type: ignore\[[a-z-]+(, ?[a-z-]+)*\] *# *\w.*\w"),
    "nosec": re.compile(r"# nosec B\d+ *(#|-) *\w.*\w"),
    "pragma: no cover": re.compile(r"# pragma: no cover *(#|-) *\w.*\w"),
}
# Split, so that this file does not find itself.
FORBIDDEN = [
    *("/wo" + "rk/", "/tmp/te" + "am", "/ro" + "ot/.venv"),
    *("pypi" + ".org", "pythonhosted" + ".org", "proxy.golang" + ".org", "sum.golang" + ".org", "deb.debian" + ".org"),
    *(
        "repo1.maven" + ".org",
        "repo.maven.apache" + ".org",
        "registry.npmjs" + ".org",
    ),
]
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
PYTHON = ending(".py")


def environment_reads(path: Path) -> list[int]:
    """The lines of a file that read the process's environment."""
    lines = []
    for node in ast.walk(module(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            lines += [node.lineno] if node.attr in ("environ", "getenv") else []
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            lines += [node.lineno for name in node.names if name.name in ("environ", "getenv")]
    return lines


def test_only_the_settings_read_the_environment() -> None:
    found = {
        str(path): lines
        for path in PYTHON
        if not str(path).startswith(tuple(ENVIRONMENT_READERS)) and (lines := environment_reads(path))
    }
    assert not found, f"take these from dataops.config (file: lines): {found}"


@pytest.mark.parametrize("exemption", ENVIRONMENT_READERS)
def test_no_exemption_outlives_its_need(exemption: str) -> None:
    readers = [path for path in PYTHON if str(path).startswith(exemption) and environment_reads(path)]
    assert readers, f"{exemption} reads no environment variable any more: delete its exemption"


def test_an_exemption_from_a_linter_says_why() -> None:
    bare = []
    for path in PYTHON:
        for token in tokenize.generate_tokens(io.StringIO(text(path)).readline):
            for word, form in EXEMPTIONS.items():
                if token.type == tokenize.COMMENT and re.match(rf"# *{word}", token.string):
                    bare += [] if form.search(token.string) else [f"{path}:{token.start[0]} {token.string}"]
    assert not bare, "write `# noqa: X  # reason` or `# type: ignore[code]  # reason`:\n" + "\n".join(bare)


def test_each_python_file_opens_with_what_it_is() -> None:
    silent = [str(path) for path in PYTHON if text(path).strip() and not ast.get_docstring(module(path))]
    assert not silent, f"no sentence at the top: {silent}"


def test_no_machine_and_no_registry_is_named() -> None:
    found = [
        f"{path}: {word}"
        for path in files()
        # locks and module sums are written by their tools; LICENSE is not ours
        if is_text(path) and path.parts[0] != "locks" and path.name not in ("go.sum", "LICENSE")
        for word in FORBIDDEN
        if word in text(path)
    ]
    assert not found, "works on one machine only, or belongs to a client's configuration:\n" + "\n".join(found)


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{path}: {match[0]}" for path in files() if is_text(path) for match in [UNFINISHED.search(text(path))] if match
    ]
    assert not found, f"finish it or leave it out: {found}"


def test_every_dag_and_every_public_job_is_found_by_rule() -> None:
    jobs = {path.stem for path in matching("jobs/*.py") if not path.stem.startswith("_")}
    entered = {
        name
        for name in jobs
        if any(
            isinstance(node, ast.FunctionDef) and node.name == "main" for node in module(Path(f"jobs/{name}.py")).body
        )
    }
    assert jobs and entered == jobs, f"a job is a module with a main(): {sorted(jobs - entered)} have none"
