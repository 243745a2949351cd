"""`make mutants`: breaks the product on purpose, one small patch at a time, and expects a named test to turn red."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dataops.errors import UserError
from dataops.platform.paths import repository_root

PATCHES = "tests/mutations"
GREEN = 0  # pytest's exit code when all passed


@dataclass(frozen=True)
class Mutant:
    """One way to break the product, and the test that must notice."""

    name: str
    breaks: str
    test: str
    patch: Path


@dataclass(frozen=True)
class Verdict:
    """What happened to a mutant: an empty `problem` means that its test turned red, as it must."""

    mutant: Mutant
    problem: str
    seconds: float


def read_mutant(patch: Path) -> Mutant:
    """Read a patch file: `# what it breaks`, `# test: path::name`, then a unified diff.

    Raises:
        UserError: One of the two header lines is missing.
    """
    header = [line[1:].strip() for line in patch.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    tests = [line.removeprefix("test:").strip() for line in header if line.startswith("test:")]
    told = [line for line in header if line and not line.startswith("test:")]
    if len(tests) != 1 or not told:
        raise UserError(f"{patch.name} does not open with '# what it breaks' and '# test: path::name': add both lines")
    return Mutant(name=patch.stem, breaks=told[0], test=tests[0], patch=patch)


def find_mutants(root: Path, names: Iterable[str] = ()) -> list[Mutant]:
    """The mutants of a checkout, all or those named.

    Raises:
        UserError: A name has no patch file.
    """
    found = {patch.stem: read_mutant(patch) for patch in sorted((root / PATCHES).glob("*.patch"))}
    unknown = sorted(set(names) - set(found))
    if unknown:
        raise UserError(f"{', '.join(unknown)}: no such file in {PATCHES}, choose among {', '.join(found)}")
    return [found[name] for name in (names or found)]


@contextmanager
def copied_tree(root: Path) -> Iterator[Path]:
    """A temporary copy of what Git knows or would add, with the Python environments linked in."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="dataops-mutant-") as folder:
        copy = Path(folder)
        for name in filter(None, listed.stdout.split("\0")):
            if (root / name).is_symlink() or (root / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, copy / name, follow_symlinks=False)
        for environment in (".venv", ".venv-airflow", ".venv-hub", ".venv-mlflow"):
            if (root / environment).is_dir():
                (copy / environment).symlink_to(root / environment)
        # the patches and the tests of the repository itself want Git
        subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
        yield copy


def python_for(test: str, tree: Path) -> Path:
    """The interpreter of a test: Airflow's own for DAGs, else the development environment's."""
    environment = ".venv-airflow" if test.startswith("tests/dags") else ".venv"
    python = tree / environment / "bin" / "python"
    return python if python.exists() else Path(sys.executable)


def run_tests(tests: list[str], tree: Path) -> subprocess.CompletedProcess[str]:
    """Run tests inside a copied tree, whose own sources come before the installed ones."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tree / "src"), str(tree)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    options = ["-q", "-x", "--color=no", "-p", "no:cacheprovider"]
    command = [str(python_for(tests[0], tree)), "-m", "pytest", *options, *tests]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def problem_of(done: subprocess.CompletedProcess[str], test: str) -> str:
    """Why a run on a broken product proves nothing; empty when the test itself failed, not what prepares it."""
    lines = done.stdout.strip().splitlines() or done.stderr.strip().splitlines() or ["no output"]
    if done.returncode == GREEN:
        return f"survived: {test} stays green, make it notice"
    return "" if any(line.startswith("FAILED ") for line in lines) else f"gave no verdict: {lines[-1]}"


def judge(mutant: Mutant, root: Path) -> Verdict:
    """Apply one patch to a copy of the tree and run its test."""
    start = time.monotonic()
    with copied_tree(root) as tree:
        applied = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", str(mutant.patch)],
            cwd=tree, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if applied.returncode:
            problem = f"no longer applies, write it anew: {applied.stderr.strip().splitlines()[0]}"
        else:
            problem = problem_of(run_tests([mutant.test], tree), mutant.test)
    return Verdict(mutant, problem, time.monotonic() - start)


def check_green(mutants: list[Mutant], root: Path) -> None:
    """Every named test passes on the tree as it is; a test that is always red proves nothing.

    Raises:
        UserError: A named test fails or does not exist.
    """
    groups: dict[str, set[str]] = {}
    for mutant in mutants:
        groups.setdefault(mutant.test.split("/")[1], set()).add(mutant.test)
    with copied_tree(root) as tree:
        for tests in groups.values():
            done = run_tests(sorted(tests), tree)
            if done.returncode != GREEN:
                raise UserError(f"the named tests are not green before any mutation, fix them first:\n{done.stdout}")


def main(arguments: list[str] | None = None) -> int:
    """Judge the mutants and print one line each; returns 1 when one survived."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"file names of {PATCHES} without .patch; default: all")
    root = repository_root()
    try:
        mutants = find_mutants(root, parser.parse_args(arguments).names)
        print(f"==> the tests named by {len(mutants)} mutants, before any mutation", flush=True)
        check_green(mutants, root)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    survivors = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for verdict in pool.map(lambda mutant: judge(mutant, root), mutants):
            survivors += bool(verdict.problem)
            state = "ALIVE" if verdict.problem else "red  "
            told = verdict.problem or verdict.mutant.breaks
            print(f"{state} {verdict.mutant.name:<36} {verdict.seconds:5.1f} s  {told}", flush=True)
    print(f"{len(mutants) - survivors} of {len(mutants)} mutants turned their test red")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
