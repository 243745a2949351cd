"""The banner of a kernel: shown with the first cell, filled in when the services have answered."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dataops.errors import UserError
from dataops.notebook import limits


def arrange(shell: Any, connection_file: Path) -> None:
    """Show the banner when a person runs the first cell; a kernel's start itself asks nobody and waits for nobody."""
    notes = _previous(connection_file.with_suffix(".running"))

    def first_cell(info: Any) -> None:
        if info.store_history and not info.silent:  # a person's cell, not a program's
            shell.events.unregister("pre_run_cell", first_cell)
            show(notes)

    shell.events.register("pre_run_cell", first_cell)


def show(notes: Sequence[str]) -> threading.Thread:
    """Show a line at once, and who and where one is as soon as that is known."""
    from IPython.display import display

    handle: Any = display(_Waiting(), display_id=True)  # type: ignore[no-untyped-call]  # IPython has no types here

    def fill() -> None:
        from dataops.notebook.whereabouts import status

        try:
            handle.update(status(notes))
        except UserError as error:
            handle.update(_Waiting(f"error: {error}"))

    asking = threading.Thread(target=fill, name="dataops-banner", daemon=True)
    asking.start()
    return asking


class _Waiting:
    """A line of text that a page shows small."""

    def __init__(self, text: str = "Looking at what is there: Spark, S3, MLflow ...") -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<small>{self.text}</small>"


def _previous(mark: Path) -> list[str]:
    """Say how the kernel ended that ran here before this one, if nobody asked it to; the server restarts such a one."""
    kills = limits.limits().kills
    told = []
    if mark.exists():
        before = int(mark.read_text(encoding="utf-8") or 0)
        told.append(ended(kills > before))
    mark.write_text(str(kills), encoding="utf-8")
    owner = os.getpid()
    atexit.register(lambda: mark.unlink(missing_ok=True) if os.getpid() == owner else None)
    return told


def ended(for_memory: bool) -> str:
    """Return the sentence about a kernel that ended without being asked."""
    if for_memory:
        return (
            "The kernel before this one was killed because this server used up its memory, its variables are lost:"
            f" take fewer rows, stop kernels you do not need, or {limits.larger_profile()}."
        )
    return "The kernel before this one ended without being asked, its variables are lost; the server's log says more."
