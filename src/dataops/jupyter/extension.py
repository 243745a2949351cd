"""Extension of a user's Jupyter server: a warm Spark for the next kernel, examples, and what makes a home one's own.

Every kernel has a JVM of its own; the spare is the one that the next kernel gets at once instead of starting it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.web import OutputTransform

from dataops.jupyter.handover import socket_path
from dataops.jupyter.idle import Idle, page
from dataops.jupyter.surroundings import idle_seconds, open_user_site, prepare_git

if TYPE_CHECKING:
    from logging import Logger

    from tornado.httputil import HTTPServerRequest

# The session that has just begun has the processor for itself before the next spare starts.
PAUSE_SECONDS = 20.0
EXAMPLES = Path(sys.prefix) / "share" / "jupyter" / "kernels" / "dataops" / "examples"


class Pool:
    """Keeps one spare while it is wanted; the spare is a process of its own and ends when its JVM has been taken."""

    def __init__(self, log: Logger, path: Path, pause: float = PAUSE_SECONDS) -> None:
        """Prepare a pool whose spares listen at a path; nothing starts before `want`."""
        self._log, self._path, self._pause = log, path, pause
        self._wanted = asyncio.Event()

    def want(self) -> None:
        """Have a spare from now on."""
        self._wanted.set()

    async def run(self) -> None:
        """Start a spare whenever there is none, for as long as the server runs."""
        while True:
            await self._wanted.wait()
            # -P, -s: neither a file of the working directory nor a package of the user's takes the place of a module
            spare = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-s", "-m", "dataops.jupyter.spare", str(self._path)),
                stdin=asyncio.subprocess.PIPE,  # its end is the server's end
                start_new_session=True,  # what interrupts the server leaves the JVM alone
            )
            if await spare.wait() == 0:
                await asyncio.sleep(self._pause)
            else:
                self._wanted.clear()
                self._log.warning("no warm Spark: its reason is above; kernels start a JVM themselves")


def watch(pool: Pool) -> type[OutputTransform]:
    """Return what makes a web application ask for a spare once a page asks which kernels there are."""

    class Watch(OutputTransform):
        def __init__(self, request: HTTPServerRequest) -> None:
            if request.path.endswith("/api/kernelspecs"):
                pool.want()

    return Watch


def link_examples(folder: Path) -> None:
    """Show the image's example notebooks in a folder, unless somebody has something of that name there."""
    link = folder / "examples"
    if EXAMPLES.is_dir() and not os.path.lexists(link):
        link.symlink_to(EXAMPLES)


def _load_jupyter_server_extension(server: Any) -> None:
    link_examples(Path(server.root_dir))
    private = socket_path(os.getpid())
    open_user_site()
    prepare_git(private.with_name("gitconfig"))
    pool = Pool(server.log, private)
    server.web_app.add_transform(watch(pool))
    running: list[asyncio.Task[None]] = []  # a task that nobody holds may be collected
    server.io_loop.add_callback(lambda: running.append(asyncio.ensure_future(pool.run())))
    if seconds := idle_seconds():
        idle = Idle(server, seconds)
        server.web_app.add_handlers(".*$", [(f"{server.base_url}dataops/idle", page(idle))])
        server.io_loop.add_callback(lambda: running.append(asyncio.ensure_future(idle.watch())))
