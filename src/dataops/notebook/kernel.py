"""What happens when a kernel starts: the platform's names are bound, and nothing heavy is imported."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import Any

from dataops.notebook import banner, cells, failures, progress
from dataops.notebook.lazy import made
from dataops.notebook.parquet import read_s3_parquet, write_s3_parquet
from dataops.notebook.query import sql
from dataops.notebook.sample import show_sample
from dataops.notebook.tree import lake
from dataops.notebook.whereabouts import status


def activate() -> None:
    """Bind the platform's names in the kernel of this process; nothing heavy is imported before it is used."""
    from ipykernel.connect import get_connection_file
    from IPython.core.interactiveshell import InteractiveShell

    shell: Any = InteractiveShell.instance()  # IPython types only part of itself
    functions = (lake, read_s3_parquet, show_sample, sql, status, write_s3_parquet)
    shell.push(made() | {function.__name__: function for function in functions})
    shell.set_custom_exc((Exception,), failures.handle)
    banner.arrange(shell, Path(get_connection_file()))
    progress.arrange(shell)
    cells.arrange(shell)
    threading.Thread(target=_read_ahead, name="dataops-read-ahead", daemon=True).start()


def _read_ahead() -> None:
    """Import what a session needs besides Spark itself, while the kernel waits for its first cell."""
    for name in ("dataops.spark.session", "dataops.jupyter.handover", "numpy", "py4j.java_gateway"):
        importlib.import_module(name)
