"""The cell that runs: Spark's pages name it as what a job comes from."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from dataops.notebook.progress import active_context


def arrange(shell: Any) -> None:
    """Name the jobs of each cell when it begins."""
    shell.events.register("pre_run_cell", lambda info: name_jobs())


def notebook() -> str:
    """Return the file's name of the notebook that this kernel belongs to."""
    from dataops.config import variable

    return PurePath(variable("JPY_SESSION_NAME") or "a notebook").name


def name_jobs() -> None:
    """Give Spark's jobs of the running cell its notebook and number; its text may hold what no log should."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()  # IPython types only part of itself
    context = active_context()
    if shell is None or context is None:
        return
    try:
        context.setJobDescription(f"{notebook()}, cell [{shell.displayhook.prompt_count}]")
    except Exception:  # noqa: BLE001 - the JVM is gone, which the cell itself says when it needs it
        return
