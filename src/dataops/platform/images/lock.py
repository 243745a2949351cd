"""Writes locks/: packages with their hashes, of each image and of the tests, from the few lines people edit."""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from dataops.errors import UserError
from dataops.platform.images.recipe import Recipe, parents, read_recipe
from dataops.platform.paths import cache_dir
from dataops.platform.process import run, step
from dataops.platform.versions import ALSO

EXCLUDES = "excludes.txt"  # beside requirements.in: packages that its own ask for and nobody here wants
JARS = "jars.in"  # Maven's, not Python's
INSTALLED = "/opt/dataops/locks/"  # where a Dockerfile puts the locks that stay in the image
PLATFORM = ("--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28")
UV_OPTIONS = ("--no-header", "--generate-hashes", "--quiet", "--upgrade")
# the environments of `make test`: with Python 3.11 and 3.12 the same packages, so that one bundle fits every machine
UNIVERSAL = ("--universal", "--python-version", "3.11", "--fork-strategy", "fewest")
PROJECT = {
    "dev.txt": ("pyproject.toml", "--extra", "dev"),
    "dag-tests.txt": ("tests/dags/requirements.in",),
    "checkov.txt": ("tests/charts/checkov.in",),
}

# programs of npm: one of an image, one of the tests
NPM = {
    "configurable-http-proxy": "CONFIGURABLE_HTTP_PROXY_VERSION",
    "gitlab-ci-local": "GITLAB_CI_LOCAL_VERSION",
}


def write_locks(root: Path, versions: Mapping[str, str]) -> list[Path]:
    """Write every lock, for the versions in use and those also supported.

    Args:
        root: The repository root.
        versions: The pinned versions.

    Returns:
        The files written.
    """
    written: list[Path] = []
    for chosen in _variants(versions):
        # children come after the images whose packages theirs must agree with
        sources = [source for source in (root / "images").glob("*/*.in") if source.name != JARS]
        for source in sorted(sources, key=lambda source: (len(_above(root, source, chosen)), source)):
            path = _lock_path(root, source, chosen)
            if path not in written:
                with step(f"lock {path.name}"):
                    _compile(root, source, path, chosen)
                written.append(path)
        jars = root / "locks" / f"jars-{chosen['SPARK_VERSION']}.txt"
        if jars not in written:
            with step(f"lock {jars.name}"):
                jars.write_text(_jar_lock(root / "images" / "spark" / JARS, chosen), encoding="utf-8")
            written.append(jars)
    for name, wanted in PROJECT.items():
        with step(f"lock {name}"):
            target = ("--output-file", f"locks/{name}")
            run([find_uv(versions), "pip", "compile", *wanted, *UV_OPTIONS, *UNIVERSAL, *target], cwd=root)
        written.append(root / "locks" / name)
    for name, version in NPM.items():
        written.append(_npm_lock(root, name, versions[version]))
    return written


def _variants(versions: Mapping[str, str]) -> Iterator[dict[str, str]]:
    yield dict(versions)
    for name, value in versions.items():
        if name.endswith(ALSO):
            yield {**versions, name.removesuffix(ALSO): value}


def _above(root: Path, source: Path, versions: Mapping[str, str]) -> list[Path]:
    """The `.in` files whose packages an image has already when those of this one are installed, the first one first."""
    stage = f"AS {source.stem}\n" in source.with_name("Dockerfile").read_text(encoding="utf-8")
    recipe = read_recipe(root, source.parent.name, source.stem if stage else None)
    chain = _installed(root, recipe, versions)
    return chain[: chain.index(source)] if source in chain else []


def _installed(root: Path, recipe: Recipe, versions: Mapping[str, str]) -> list[Path]:
    """The `.in` file of every lock that an image installs, and of those it starts from."""
    chain = [path for parent in parents(root, recipe).values() for path in _installed(root, parent, versions)]
    sources = [source for source in recipe.dockerfile.parent.glob("*.in") if source.name != JARS]
    by_lock = {_lock_path(root, source, versions).relative_to(root).as_posix(): source for source in sources}
    copied = [
        by_lock[path] for path, to in recipe.copies(versions).items() if path in by_lock and to.startswith(INSTALLED)
    ]
    return list(dict.fromkeys([*chain, *copied]))


def _lock_path(root: Path, source: Path, versions: Mapping[str, str]) -> Path:
    """The lock of an `.in` file, as the Dockerfile beside it copies it; requirements.in is called like the image."""
    name = source.parent.name if source.stem == "requirements" else source.stem
    dockerfile = source.with_name("Dockerfile")
    found = re.search(rf"locks/{name}-\$\{{(\w+)\}}\.txt", dockerfile.read_text(encoding="utf-8"))
    if not found:
        raise UserError(f"{dockerfile} copies no locks/{name}-${{...}}.txt: add the COPY, or remove {source.name}")
    return root / "locks" / f"{name}-{versions[found[1]]}.txt"


def _compile(root: Path, source: Path, path: Path, versions: Mapping[str, str]) -> None:
    above = _above(root, source, versions)
    locks = [_lock_path(root, one, versions).relative_to(root) for one in above]
    constraints = [word for lock in locks for word in ("--constraint", str(lock))]
    left_out = source.with_name(EXCLUDES)
    excludes = ("--excludes", str(left_out.relative_to(root))) if left_out.is_file() else ()
    wanted = "".join(one.read_text(encoding="utf-8") for one in [*above, source])
    command = [
        find_uv(versions),
        "pip",
        "compile",
        "-",
        *UV_OPTIONS,
        *PLATFORM,
        *constraints,
        *excludes,
        "--output-file",
        str(path.relative_to(root)),
    ]
    run(command, cwd=root, stdin=Template(wanted).substitute(versions))


def find_uv(versions: Mapping[str, str]) -> str:
    """The uv that `make` keeps in the cache, else the one of PATH.

    Raises:
        UserError: There is none.
    """
    found = shutil.which("uv", path=str(cache_dir() / f"uv-{versions['UV_VERSION']}" / "bin")) or shutil.which("uv")
    if not found:
        raise UserError("uv is missing: run `make lock`, which brings it")
    return found


def _jar_lock(source: Path, versions: Mapping[str, str]) -> str:
    lines = Template(source.read_text(encoding="utf-8")).substitute(versions).splitlines()
    coordinates = [line for line in lines if line and not line.startswith("#")]
    out = ["# Written by `make lock` from images/spark/jars.in: Maven coordinate and sha256."]
    with tempfile.TemporaryDirectory() as folder:
        for coordinate in coordinates:
            jar = copy_jar(coordinate, Path(folder))
            out.append(f"{coordinate} {hashlib.sha256(jar.read_bytes()).hexdigest()}")
    return "\n".join(out) + "\n"


def copy_jar(coordinate: str, folder: Path, *options: str) -> Path:
    """Let Maven bring one jar.

    Args:
        coordinate: group:artifact:version.
        folder: Where the jar goes.
        options: More of Maven's.

    Returns:
        The jar.
    """
    _, artifact, version = coordinate.split(":")
    run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={coordinate}", f"-DoutputDirectory={folder}", *options])
    return folder / f"{artifact}-{version}.jar"


def _npm_lock(root: Path, name: str, version: str) -> Path:
    target = root / "locks" / f"{name}-{version}"
    package = {"name": f"dataops-{name.rpartition('-')[2]}", "private": True, "dependencies": {name: version}}
    target.mkdir(exist_ok=True)
    with step(f"lock {target.name}"), tempfile.TemporaryDirectory() as folder:
        Path(folder, "package.json").write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")
        environment = {"npm_config_omit_lockfile_registry_resolved": "true"}
        command = ["npm", "install", "--package-lock-only", "--no-audit", "--no-fund"]
        run(command, cwd=Path(folder), env=environment)
        for file in ("package.json", "package-lock.json"):
            shutil.copyfile(os.path.join(folder, file), target / file)
    return target
