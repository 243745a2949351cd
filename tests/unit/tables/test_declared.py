"""Declarations are found by their folder; those of the repository are complete."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from dataops.errors import UserError
from dataops.tables.declared import PACKAGE, declaration, declared

FINE = """from dataops.tables import Column, Table
TABLE = Table("gold.x", (Column("id", "int"),), "somebody", "Something.")
"""


def test_the_repositorys_own_are_found() -> None:
    assert {"silver.flights", "gold.delays"} <= set(declared())


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("gold_x.py", "", "jobs/tables/gold_x.py declares no table; give it TABLE = Table"),
        ("gold_y.py", FINE, "jobs/tables/gold_y.py declares gold.x; call the file gold_x.py"),
    ],
)
def test_a_module_that_declares_something_else_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, sentence: str
) -> None:
    (tmp_path / file).write_text(text)
    package = ModuleType(PACKAGE)
    package.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, PACKAGE, package)
    with pytest.raises(UserError, match=sentence):
        declared()
    sys.modules.pop(f"{PACKAGE}.{Path(file).stem}", None)


def test_an_unknown_one_is_named_with_the_known() -> None:
    with pytest.raises(UserError, match="table gold.nothing is not declared; declared are gold.delays, silver.flights"):
        declaration("gold.nothing")
