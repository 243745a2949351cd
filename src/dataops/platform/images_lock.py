"""Writes locks/: each image's packages with their hashes, from the few lines people edit and versions.env."""

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
from dataops.platform.images_recipe import image_names, parents, read_recipe
from dataops.platform.process import run, step

ALSO = "_ALSO_SUPPORTED"  # SPARK_VERSION_ALSO_SUPPORTED: a second version that gets locks of its own
PLATFORM = ("--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28")
UV_OPTIONS = ("--no-header", "--generate-hashes", "--quiet", "--upgrade", *PLATFORM)


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
        for name in sorted(image_names(root), key=lambda name: (len(_family(root, name)), name)):
            path = _lock_path(root, name, chosen)
            if path and path not in written:
                with step(f"lock {path.name}"):
                    _compile(root, name, path, chosen)
                written.append(path)
        jars = root / "locks" / f"jars-{chosen['SPARK_VERSION']}.txt"
        if jars not in written:
            with step(f"lock {jars.name}"):
                jars.write_text(_jar_lock(root / "images" / "spark" / "jars.in", chosen), encoding="utf-8")
            written.append(jars)
    written.append(_proxy_lock(root, versions["CONFIGURABLE_HTTP_PROXY_VERSION"]))
    return written


def _variants(versions: Mapping[str, str]) -> Iterator[dict[str, str]]:
    yield dict(versions)
    for name, value in versions.items():
        if name.endswith(ALSO):
            yield {**versions, name.removesuffix(ALSO): value}


def _family(root: Path, name: str) -> list[str]:
    """An image and the ones it starts from that install packages, the first one first."""
    upstream = [parent.dockerfile.parent.name for parent in parents(root, read_recipe(root, name)).values()]
    return [*(ancestor for one in upstream if one != "base" for ancestor in _family(root, one)), name]


def _lock_path(root: Path, name: str, versions: Mapping[str, str]) -> Path | None:
    """The lock that an image's Dockerfile copies; None for an image without packages of Python."""
    if not (root / "images" / name / "requirements.in").is_file():
        return None
    text = (root / "images" / name / "Dockerfile").read_text(encoding="utf-8")
    found = [match for match in re.finditer(r"locks/([a-z-]+)-\$\{(\w+)\}\.txt", text) if match[1] != "jars"]
    if len(found) != 1:
        raise UserError(f"images/{name}/Dockerfile must copy exactly one locks/<name>-${{VERSION}}.txt")
    return root / "locks" / f"{found[0][1]}-{versions[found[0][2]]}.txt"


def _compile(root: Path, name: str, path: Path, versions: Mapping[str, str]) -> None:
    family = _family(root, name)
    wanted = [(root / "images" / one / "requirements.in").read_text(encoding="utf-8") for one in family]
    above = [_lock_path(root, one, versions) for one in family[:-1]]
    constraints = [word for lock in above if lock for word in ("--constraint", str(lock.relative_to(root)))]
    relative = str(path.relative_to(root))
    command = [find_uv(), "pip", "compile", "-", *UV_OPTIONS, *constraints, "--output-file", relative]
    run(command, cwd=root, stdin=Template("".join(wanted)).substitute(versions))


def find_uv() -> str:
    """The uv of this environment or of PATH.

    Raises:
        UserError: There is none.
    """
    found = shutil.which("uv")
    if not found:
        raise UserError("uv is missing: install the version that versions.env names with `pip install uv==...`")
    return found


def _jar_lock(source: Path, versions: Mapping[str, str]) -> str:
    lines = Template(source.read_text(encoding="utf-8")).substitute(versions).splitlines()
    coordinates = [line for line in lines if line and not line.startswith("#")]
    out = ["# Written by `make lock` from images/spark/jars.in: Maven coordinate and sha256."]
    with tempfile.TemporaryDirectory() as folder:
        for coordinate in coordinates:
            _, artifact, version = coordinate.split(":")
            run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={coordinate}", f"-DoutputDirectory={folder}"])
            jar = Path(folder) / f"{artifact}-{version}.jar"
            out.append(f"{coordinate} {hashlib.sha256(jar.read_bytes()).hexdigest()}")
    return "\n".join(out) + "\n"


def _proxy_lock(root: Path, version: str) -> Path:
    target = root / "locks" / f"configurable-http-proxy-{version}"
    package = {"name": "dataops-proxy", "private": True, "dependencies": {"configurable-http-proxy": version}}
    target.mkdir(exist_ok=True)
    with step(f"lock {target.name}"), tempfile.TemporaryDirectory() as folder:
        Path(folder, "package.json").write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")
        environment = {"npm_config_omit_lockfile_registry_resolved": "true"}
        command = ["npm", "install", "--package-lock-only", "--no-audit", "--no-fund"]
        run(command, cwd=Path(folder), env=environment)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(os.path.join(folder, name), target / name)
    return target
