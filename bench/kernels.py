"""Kernels as the bench starts them: bare, the usual one and ours, each with the seconds of its first two cells."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from dataops.errors import UserError
from dataops.jupyter import handover

SECONDS = 180


@dataclass(frozen=True)
class Cells:
    """How a kernel's first two cells went.

    Attributes:
        first: Seconds from the kernel's start to the end of its first cell.
        second: To the end of the second, which follows at once.
        shown: What the second cell gave.
    """

    first: float
    second: float
    shown: str


@contextmanager
def specs(startups: dict[str, Path | None]) -> Iterator[KernelSpecManager]:
    """Describe kernels that differ in their start-up file only.

    Args:
        startups: The file by the kernel's name; None for none.

    Yields:
        What starts them.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, startup in startups.items():
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            argv += [f"--IPKernelApp.exec_files={startup}"] if startup else []
            file = Path(folder) / name / "kernel.json"
            file.parent.mkdir()
            file.write_text(json.dumps({"argv": argv, "display_name": name, "language": "python"}), encoding="utf-8")
        yield KernelSpecManager(kernel_dirs=[folder])


def run(kinds: KernelSpecManager, name: str, first: str, second: str) -> Cells:
    """Start a kernel, run two expressions in it and end it.

    Args:
        kinds: The kernels there are.
        name: The kernel.
        first: The first cell.
        second: The second cell.

    Returns:
        How it went.

    Raises:
        UserError: A cell failed.
    """
    manager = KernelManager(kernel_name=name, kernel_spec_manager=kinds)
    begin = time.monotonic()
    manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels(hb=False)
    try:
        _cell(client, first)
        usable = time.monotonic() - begin
        shown = _cell(client, second)
        return Cells(usable, time.monotonic() - begin, shown)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _cell(client: BlockingKernelClient, code: str) -> str:
    """Run an expression and return it as text."""
    asked = client.execute("", user_expressions={"shown": code})
    while True:
        answer = client.get_shell_msg(timeout=SECONDS)
        if answer["parent_header"].get("msg_id") == asked:
            result = answer["content"]["user_expressions"]["shown"]
            if result["status"] != "ok":
                raise UserError(f"the cell `{code}` failed: {result['evalue']}")
            return str(result["data"]["text/plain"])


@contextmanager
def spare(server: int) -> Iterator[None]:
    """Have a warm JVM for the next kernel that this process starts.

    Args:
        server: The process that stands for the Jupyter server.

    Yields:
        Once it is ready.
    """
    path = handover.socket_path(server)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "dataops.jupyter.spare", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        if not (process.stdout and process.stdout.readline()):
            raise UserError("the spare did not become ready")
        yield
        if process.wait(timeout=SECONDS) != 0:
            raise UserError("the kernel did not take the spare")
    finally:
        process.kill()
        process.communicate()
        path.unlink(missing_ok=True)
