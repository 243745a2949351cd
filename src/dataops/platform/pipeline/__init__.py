"""`dataops new pipeline`: a table, its job, its DAG and the tests of both, from the templates beside this file."""

import importlib.util
import keyword
import re
from pathlib import Path
from string import Template

from dataops.errors import UserError

TEMPLATES = {
    "table.txt": "jobs/tables/silver_{name}.py",
    "job.txt": "jobs/{name}.py",
    "dag.txt": "dags/{name}.py",
    "test_job.txt": "tests/jobs/test_{name}.py",
    "test_dag.txt": "tests/dags/test_{name}.py",
}
ROWS = {
    "jobs/README.md": "| `{name}` | rows of its own | table `silver.{name}`: one row per day and kind |",
    "dags/README.md": "| `{name}` | daily, 02:00 UTC | `jobs.{name}` | data-engineering |",
}
_NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")


def write_pipeline(root: Path, name: str) -> list[Path]:
    """Write the files of a new pipeline and its lines in the two lists; nothing that exists is overwritten.

    Args:
        root: The repository root.
        name: The pipeline's name.

    Returns:
        The files that are new or longer, relative to the root.

    Raises:
        UserError: The name is none, belongs to something else, or one of the files exists.
    """
    _check_name(name)
    wanted = {root / path.format(name=name): template for template, path in TEMPLATES.items()}
    taken = [str(path.relative_to(root)) for path in wanted if path.exists()]
    if taken:
        raise UserError(f"{', '.join(taken)} exists already: choose another name, or remove it first")
    for path, template in wanted.items():
        text = (Path(__file__).parent / template).read_text(encoding="utf-8")
        path.write_text(Template(text).substitute(name=name), encoding="utf-8")
    for readme, row in ROWS.items():
        _append_row(root / readme, row.format(name=name))
    return [*(path.relative_to(root) for path in wanted), *(Path(readme) for readme in ROWS)]


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise UserError(
            f"{name!r} is no name of a pipeline:"
            " write 3 to 40 small letters, digits and _, a letter first, as visits_daily"
        )
    if name == "airflow" or importlib.util.find_spec(name):
        raise UserError(f"{name} is the name of a Python package, which dags/{name}.py would hide: choose another name")


def _append_row(readme: Path, row: str) -> None:
    lines = readme.read_text(encoding="utf-8").splitlines()
    last = max(number for number, line in enumerate(lines) if line.startswith("| `"))
    readme.write_text("\n".join([*lines[: last + 1], row, *lines[last + 1 :]]) + "\n", encoding="utf-8")
