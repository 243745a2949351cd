"""Stops a server that nobody uses, after its page has said so (decision 14).

Use is what kernels and terminals do, and a person's hand in the page. An open page alone is none, though each of its
questions and its connections counts as activity for the proxy, and so for the hub.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

CHECK_SECONDS = 10.0
# Kubernetes reads here why a container ended; the hub tells it at the next start. Elsewhere there is no such file.
LAST_WORDS = Path("/dev/termination-log")


class Idle:
    """Knows when a server was last used."""

    def __init__(self, server: Any, seconds: float, now: Callable[[], float] = time.time) -> None:
        """Begin with a server that has just been used.

        Args:
            server: The Jupyter server.
            seconds: How long nobody may use it.
            now: The clock.
        """
        self._server, self._seconds, self._now = server, seconds, now
        self._used = now()

    @property
    def warn(self) -> float:
        """How many seconds before the end the page says so: ten minutes of an hour."""
        return self._seconds / 6

    def touched(self, ago: float) -> None:
        """Remember that a person touched the page some seconds ago."""
        self._used = max(self._used, self._now() - max(ago, 0))

    def left(self) -> float:
        """Return the seconds until the server stops."""
        self._used = max(self._used, *self._work())
        return self._used + self._seconds - self._now()

    def _work(self) -> Iterator[float]:
        """When kernels and terminals did something."""
        yield self._used
        terminals = self._server.web_app.settings.get("terminal_manager")
        for one in [*self._server.kernel_manager.list_kernels(), *(terminals.list() if terminals else ())]:
            busy = one.get("execution_state") == "busy"
            yield self._now() if busy else datetime.fromisoformat(one["last_activity"]).timestamp()

    async def watch(self) -> None:
        """Stop the server once nobody has used it for long enough."""
        while (left := self.left()) > 0:
            await asyncio.sleep(min(left, CHECK_SECONDS))
        reason = f"nobody had used it for {self._seconds / 60:g} minutes"
        self._server.log.warning("This server stops: %s", reason)
        if LAST_WORDS.exists():
            LAST_WORDS.write_text(reason, encoding="utf-8")
        self._server.stop()


def page(idle: Idle) -> type[Any]:
    """Return what answers the page: it says when a person touched it, and hears how long the server stays."""
    from jupyter_server.base.handlers import APIHandler  # type: ignore[import-not-found]  # only the image has it
    from tornado.web import authenticated

    class Page(APIHandler):  # type: ignore[misc]  # likewise
        @authenticated
        async def post(self) -> None:
            idle.touched(float(self.get_json_body()["ago"]))
            self.finish({"left": idle.left(), "warn": idle.warn})

    return Page
