"""The repository as the tests of this folder see it: its files, verbs, versions and documents, parsed."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

from dataops.platform.paths import repository_root
from dataops.platform.versions import load_versions

ROOT = repository_root()
VERSIONS = load_versions(ROOT)


@cache
def files() -> tuple[Path, ...]:
    """Every file that Git knows or would add, relative to the root; links to folders left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    paths = sorted({Path(name) for name in listed.stdout.split("\0") if name})
    return tuple(path for path in paths if (ROOT / path).is_file() and not (ROOT / path).is_symlink())


def matching(*patterns: str) -> list[Path]:
    """The files that match one of the patterns part by part, such as `images/*/Dockerfile`."""
    return [
        path
        for path in files()
        if any(path.match(pattern) and len(path.parts) == pattern.count("/") + 1 for pattern in patterns)
    ]


def ending(*suffixes: str, under: str = "") -> list[Path]:
    """The files of a folder, at any depth, that end in one of the suffixes."""
    return [path for path in files() if path.suffix in suffixes and str(path).startswith(under)]


def text(path: Path | str) -> str:
    """A file's text."""
    return (ROOT / path).read_text(encoding="utf-8")


def is_text(path: Path) -> bool:
    """Whether a file can be read as UTF-8."""
    try:
        text(path)
    except UnicodeDecodeError:
        return False
    return True


def line_count(path: Path | str) -> int:
    """The number of lines of a file."""
    return len(text(path).splitlines())


@cache
def module(path: Path) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(text(path), filename=str(path))


@cache
def verbs() -> dict[str, str]:
    """Each target of the Makefile a person may call, with its description ("" where it has none)."""
    found: dict[str, str] = {}
    for line in text("Makefile").splitlines():
        target = re.match(r"([a-z0-9%][a-z0-9%_-]*):(?!=)(?:.*?## (.*))?", line)
        if target:
            found[target[1]] = target[2] or found.get(target[1], "")
    return found


def is_verb(name: str) -> bool:
    """Whether `make <name>` does something, patterns such as image-% included."""
    return any(
        name == verb or ("%" in verb and re.fullmatch(verb.replace("%", "[a-z0-9<>-]+"), name)) for verb in verbs()
    )


def documents() -> list[Path]:
    """Every Markdown file."""
    return ending(".md")


def code_spans(path: Path) -> list[str]:
    """What a document shows as code: inline spans and the lines of fenced blocks other than drawings."""
    spans: list[str] = []
    fence = ""
    for line in text(path).splitlines():
        if line.lstrip().startswith("```"):
            fence = "" if fence else (line.strip().strip("`") or "plain")
        elif fence:
            spans += [line.strip()] if fence != "mermaid" else []
        else:
            spans += re.findall(r"`([^`]+)`", line)
    return spans
