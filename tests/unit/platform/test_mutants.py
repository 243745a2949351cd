"""The mutation runner tells a killed mutant from a survivor, a stale patch and a test that says nothing."""

import subprocess
from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform import mutants

PRODUCT = "def double(n: int) -> int:\n    return 2 * n\n"
TEST = """
import pytest
from product import double

@pytest.fixture
def doubled() -> int:
    return double(3)

def test_double() -> None:
    assert double(3) == 6

def test_prepared(doubled: int) -> None:
    assert doubled == 6
"""
PATCH = """# doubling triples
# test: {test}
--- a/product.py
+++ b/product.py
@@ -1,2 +1,2 @@
 def double(n: int) -> int:
-    return {old}
+    return {new}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tiny repository with a product and a test."""
    (tmp_path / "tests" / "mutations").mkdir(parents=True)
    (tmp_path / "tests" / "test_product.py").write_text(TEST)
    (tmp_path / "product.py").write_text(PRODUCT)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def mutant(
    root: Path, *, test: str = "tests/test_product.py::test_double", old: str = "2 * n", new: str = "3 * n"
) -> mutants.Mutant:
    """Write one patch and read it back."""
    path = root / "tests" / "mutations" / "double.patch"
    path.write_text(PATCH.format(test=test, old=old, new=new))
    return mutants.read_mutant(path)


def test_a_noticed_break_is_no_problem(root: Path) -> None:
    assert mutants.judge(mutant(root), root).problem == ""
    assert (root / "product.py").read_text() == PRODUCT, "the checkout itself must stay as it was"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"new": "n * 2"}, "survived"),
        ({"old": "n + n"}, "no longer applies"),
        ({"new": "(n"}, "gave no verdict"),
        ({"test": "tests/test_product.py::test_gone"}, "gave no verdict"),
        ({"test": "tests/test_product.py::test_prepared", "new": "n / 0"}, "gave no verdict"),
    ],
)
def test_each_other_outcome_is_named(root: Path, change: dict[str, str], problem: str) -> None:
    assert problem in mutants.judge(mutant(root, **change), root).problem


def test_a_test_that_is_red_anyway_proves_nothing(root: Path) -> None:
    (root / "product.py").write_text(PRODUCT.replace("2", "5"))
    with pytest.raises(UserError, match="not green before any mutation"):
        mutants.check_green([mutant(root)], root)


def test_a_patch_without_its_two_lines_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bare.patch").write_text("--- a/x\n+++ b/x\n")
    with pytest.raises(UserError, match="bare.patch"):
        mutants.read_mutant(tmp_path / "bare.patch")


def test_an_unknown_name_is_refused(root: Path) -> None:
    mutant(root)
    with pytest.raises(UserError, match="treble: no such file.*double"):
        mutants.find_mutants(root, ["treble"])
