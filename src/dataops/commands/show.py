"""How the commands print: rows in columns, sizes and times as people write them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataops.tables.describe import Description
    from dataops.tables.evolve import Change


def print_rows(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns as wide as their longest word, whatever the width of the terminal."""
    lines = [list(titles), *rows] if titles else list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def columns_of(table: "Description") -> list[list[str]]:
    """Return a line for each column of a table."""
    return [[each.name, each.type, "required" if each.required else "", each.description] for each in table.columns]


def lines_of_change(table: str, changes: Sequence["Change"]) -> list[str]:
    """Return a line for each change."""
    words = [f"{'refused: ' if each.refused else ''}{each.words}" for each in changes]
    return [f"{table}: {each}" for each in words or ["as declared"]]


def size_of(table: "Description") -> str:
    """Return the size of a table."""
    from dataops.notebook.limits import size

    return size(table.bytes)


def time_of(table: "Description") -> str:
    """Return when a table was last written."""
    return f"{table.current.written:%Y-%m-%d %H:%M} UTC" if table.current else "never"
