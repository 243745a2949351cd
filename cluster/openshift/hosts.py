"""The block of /etc/hosts in which the node keeps the names that no name server knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from cluster.settings import ADDRESS, NODE

FILE = Path("/etc/hosts")
BLOCK = re.compile(rf"# {NODE}: begin\n.*?# {NODE}: end\n", re.DOTALL)


def replaced(text: str, names: Iterable[str]) -> str:
    """A hosts file with the node's block for these names; without a block when there are none."""
    lines = "".join(f"{ADDRESS} {name}\n" for name in names)
    rest = BLOCK.sub("", text)
    return f"{rest}# {NODE}: begin\n{lines}# {NODE}: end\n" if lines else rest


def write(names: Iterable[str]) -> None:
    """Let this machine find these names at the node's address."""
    _write(replaced(FILE.read_text(encoding="utf-8"), names))


def clear() -> None:
    """Take the block away."""
    _write(replaced(FILE.read_text(encoding="utf-8"), ()))


def _write(text: str) -> None:
    if FILE.read_text(encoding="utf-8") != text:
        FILE.write_text(text, encoding="utf-8")
