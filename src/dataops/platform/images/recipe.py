"""What an image is made of: its Dockerfile read as data, and the content hash that becomes its tag."""

import fnmatch
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from dataops.errors import UserError

REGISTRY = "localhost/dataops"
EXTERNAL = "BASE_IMAGE"  # the one build argument that names an image from outside


@dataclass(frozen=True)
class Recipe:
    """One image: a Dockerfile, or the part of it up to a named stage that other images start from.

    Attributes:
        name: The image, `spark`, or with a stage, `spark-runtime`.
        dockerfile: Its Dockerfile.
        target: The stage to stop at; None is the whole file.
        instructions: The instructions that are read, without comments.
    """

    name: str
    dockerfile: Path
    target: str | None
    instructions: tuple[str, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the build arguments, in order."""
        words = [line.split()[1:] for line in self.instructions if line.startswith("ARG ")]
        return tuple(dict.fromkeys(word.partition("=")[0] for names in words for word in names))

    @property
    def parent_arguments(self) -> tuple[str, ...]:
        """Names of the build arguments that FROM lines use: those before the first of them."""
        first = next(number for number, line in enumerate(self.instructions) if line.startswith("FROM "))
        return tuple(line.split()[1] for line in self.instructions[:first] if line.startswith("ARG "))

    def sources(self, versions: Mapping[str, str]) -> tuple[str, ...]:
        """Paths that COPY takes from the repository, with the versions filled in."""
        return tuple(self.copies(versions))

    def copies(self, versions: Mapping[str, str]) -> dict[str, str]:
        """Where COPY puts each path that it takes from the repository, with the versions filled in."""
        lines = [line.split()[1:] for line in self.instructions if line.startswith("COPY ")]
        plain = [words for words in lines if not any(word.startswith("--from=") for word in words)]
        targets = {word: words[-1] for words in plain for word in words[:-1] if not word.startswith("--")}
        return {re.sub(r"\$\{(\w+)\}", lambda match: versions[match[1]], path): to for path, to in targets.items()}


def timestamp(versions: Mapping[str, str]) -> int:
    """The time that every file of an image bears, in seconds: midnight of IMAGES_DATE.

    Raises:
        UserError: It is no date.
    """
    try:
        return int(datetime.fromisoformat(versions["IMAGES_DATE"]).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise UserError(f"IMAGES_DATE={versions['IMAGES_DATE']} is no date: write it as 2026-11-21") from error


def image_names(root: Path) -> list[str]:
    """Every image: a folder below images/ with a Dockerfile."""
    return sorted(path.parent.name for path in (root / "images").glob("*/Dockerfile"))


def read_recipe(root: Path, name: str, target: str | None = None) -> Recipe:
    """Read the Dockerfile of an image: all of it, or up to the stage that is called like the image.

    Args:
        root: The repository root.
        name: The image's folder.
        target: The stage to stop at.

    Returns:
        The recipe.

    Raises:
        UserError: There is no such image or stage.
    """
    dockerfile = root / "images" / name / "Dockerfile"
    if not dockerfile.is_file():
        raise UserError(f"there is no image {name!r}: choose from {', '.join(image_names(root))}")
    text = "\n".join(line for line in dockerfile.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    lines = [" ".join(line.split()) for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    if target is None and any(line.endswith(f" AS {name}") for line in lines):
        return replace(read_recipe(root, name, name), name=name)
    if target is None:
        return Recipe(name, dockerfile, None, tuple(lines))
    starts = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    begin = [number for number in starts if lines[number].endswith(f" AS {target}")]
    if not begin:
        raise UserError(f"images/{name}/Dockerfile has no stage {target!r}: add it or correct the FROM that names it")
    end = min((number for number in starts if number > begin[0]), default=len(lines))
    return Recipe(f"{name}-{target}", dockerfile, target, tuple(lines[:end]))


def parents(root: Path, recipe: Recipe) -> dict[str, Recipe]:
    """The images a recipe starts from, by build argument: SPARK_RUNTIME is the stage `runtime` of `spark`."""
    found = {}
    for argument in recipe.parent_arguments:
        if argument != EXTERNAL:
            name, _, target = argument.lower().partition("_")
            found[argument] = read_recipe(root, name, target or None)
    return found


def build_arguments(root: Path, recipe: Recipe, versions: Mapping[str, str], base_image: str) -> dict[str, str]:
    """The value of each build argument of a recipe: a version, a parent's reference or the outside image.

    Raises:
        UserError: An argument is none of these.
    """
    upstream = {name: reference(root, parent, versions, base_image) for name, parent in parents(root, recipe).items()}
    known = {**versions, **upstream, EXTERNAL: base_image}
    unknown = [name for name in recipe.arguments if name not in known]
    if unknown:
        raise UserError(f"{recipe.dockerfile} wants the build argument {unknown[0]}: add it to versions.env")
    return {name: known[name] for name in recipe.arguments}


def files(root: Path, source: str) -> Iterator[Path]:
    """Every file a COPY source sends, in a fixed order; what .dockerignore names is left out.

    Raises:
        UserError: The source is not there.
    """
    path = root / source
    if not path.exists():
        raise UserError(f"{source} is missing, an image copies it: run `make lock` if it is a lock")
    ignored = [
        line for line in (root / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] not in "#!"
    ]
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        relative = file.relative_to(root)
        steps = [relative, *relative.parents]
        if file.is_file() and not any(
            _matches(step, line) for step in steps for line in ignored if line not in ("", "*")
        ):
            yield file


def _matches(path: Path, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch.fnmatch(path.name, pattern[3:])
    return fnmatch.fnmatch(path.as_posix(), pattern)


def reference(root: Path, recipe: Recipe, versions: Mapping[str, str], base_image: str) -> str:
    """The full name of an image; its tag is the hash of all that goes into it.

    Args:
        root: The repository root.
        recipe: The image.
        versions: The pinned versions.
        base_image: What `base` starts from.

    Returns:
        E.g. localhost/dataops/spark:0123456789ab.
    """
    content = [
        [
            file.relative_to(root).as_posix(),
            bool(file.stat().st_mode & 0o100),
            hashlib.sha256(file.read_bytes()).hexdigest(),
        ]
        for source in recipe.sources(versions)
        for file in files(root, source)
    ]
    arguments = build_arguments(root, recipe, versions, base_image)
    whole = json.dumps([recipe.instructions, arguments, content, timestamp(versions)], sort_keys=True)
    return f"{REGISTRY}/{recipe.name}:{hashlib.sha256(whole.encode()).hexdigest()[:12]}"
