"""What builds take from the outside, as folders that any web server makes a mirror: Python packages and jars."""

import hashlib
import html
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dataops.errors import UserError
from dataops.platform.images.lock import PROJECT, copy_jar
from dataops.platform.images.recipe import image_names, read_recipe
from dataops.platform.process import run, step

JAR_LOCK = re.compile(r"locks/jars-.*\.txt")
# what the images' Python 3.11 on Debian installs, whatever Python runs this; pip does not widen a platform by itself
GLIBC = ("2_28", "2_27", "2_26", "2_24", "2_17", "2014", "2_12", "2010", "2_5", "1")
PLATFORMS = [word for one in GLIBC for word in ("--platform", f"manylinux{'_' * ('_' in one)}{one}_x86_64")]
TARGET = ("--python-version", "3.11", "--implementation", "cp", *PLATFORMS, "--platform", "linux_x86_64")


def package_locks(root: Path, versions: Mapping[str, str]) -> list[Path]:
    """The Python locks that the images copy and those of the two environments of `make test`."""
    copied = {source for name in image_names(root) for source in read_recipe(root, name).sources(versions)}
    found = {source for source in copied if source.startswith("locks/") and source.endswith(".txt")}
    return [root / one for one in sorted({*found, *(f"locks/{name}" for name in PROJECT)}) if not JAR_LOCK.match(one)]


def jar_locks(root: Path, versions: Mapping[str, str]) -> list[Path]:
    """The lock of the jars that the images add to Spark's."""
    copied = {source for name in image_names(root) for source in read_recipe(root, name).sources(versions)}
    return [root / one for one in sorted(copied) if JAR_LOCK.match(one)]


def download_packages(locks: list[Path], target: Path) -> None:
    """Download what locks name, checked against their hashes, and make a package index of the folder.

    Args:
        locks: Requirement files with hashes.
        target: The folder; it becomes what UV_DEFAULT_INDEX and PIP_INDEX_URL may point to.
    """
    with tempfile.TemporaryDirectory() as folder:
        run([sys.executable, "-m", "venv", f"{folder}/pip"])
        command = [f"{folder}/pip/bin/pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        for lock in locks:
            with step(f"download the packages of {lock.name}"):
                run([*command, "--require-hashes", *TARGET, "--dest", target, "--requirement", lock])
    write_index(target)


def write_index(folder: Path) -> None:
    """Sort downloaded packages into the folders of a simple index, each with a page that links to its files."""
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        # name-1.0-py3-none-any.whl or name-1.0.tar.gz; a wheel's name holds no hyphen
        name = file.name.partition("-")[0] if file.suffix == ".whl" else file.name.rpartition("-")[0]
        home = folder / re.sub(r"[-_.]+", "-", name).lower()
        home.mkdir(exist_ok=True)
        file.rename(home / file.name)
    for home in folder.iterdir():
        links = "".join(
            f'<a href="{html.escape(file.name)}#sha256={sha256(file)}">{html.escape(file.name)}</a><br>\n'
            for file in sorted(home.iterdir())
        )
        (home / "index.html").write_text(f"<!DOCTYPE html>\n{links}", encoding="utf-8")


def download_jars(lock: Path, target: Path) -> None:
    """Download the jars of a lock, checked against it, and what Maven needs to fetch them again.

    Args:
        lock: Lines of a Maven coordinate and its sha256.
        target: The folder, laid out as a Maven repository.

    Raises:
        UserError: A jar is not the locked one.
    """
    lines = [line.split() for line in lock.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    with step(f"download the jars of {lock.name}"), tempfile.TemporaryDirectory() as folder:
        for coordinate, expected in lines:
            jar = copy_jar(coordinate, Path(folder), f"-Dmaven.repo.local={target}")
            if (found := sha256(jar)) != expected:
                raise UserError(
                    f"{coordinate} has sha256 {found}, {lock.name} says {expected}: do not use this download"
                )


def sha256(file: Path) -> str:
    """The checksum of a file of any size."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
