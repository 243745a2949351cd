"""The jars that Spark's Python package lacks: by Maven, checked against the image's lock, kept in the cache."""

import hashlib
import shutil
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import packages
from dataops.platform.images.lock import copy_jar
from dataops.platform.paths import cache_dir, repository_root
from dataops.platform.process import step
from dataops.platform.versions import load_versions


def locked_jars() -> list[Path]:
    """Return the jars, fetching those that the cache lacks.

    Raises:
        UserError: Maven is missing and cannot be installed, or a jar is not the locked one.
    """
    root = repository_root()
    lines = (root / f"locks/jars-{load_versions(root)['SPARK_VERSION']}.txt").read_text(encoding="utf-8").splitlines()
    lock = dict(line.split() for line in lines if not line.startswith("#"))
    return [_jar(coordinate, checksum) for coordinate, checksum in lock.items()]


def _jar(coordinate: str, checksum: str) -> Path:
    folder = cache_dir() / "jars"
    _, artifact, version = coordinate.split(":")
    jar = folder / f"{artifact}-{version}.jar"
    if not jar.is_file():
        if not shutil.which("mvn"):
            if not packages.can_install():
                raise UserError("Maven fetches the jars of Spark's S3 client and is missing: install it (mvn)")
            packages.install("maven")
        with step(f"fetch {jar.name}"):
            copy_jar(coordinate, folder)
    if hashlib.sha256(jar.read_bytes()).hexdigest() != checksum:
        jar.unlink()
        raise UserError(f"{coordinate} is not the jar of the lock: run `make lock` if the change is meant")
    return jar
