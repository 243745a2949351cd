"""Who and where one is: the banner of a kernel, and `status()` for later."""

from __future__ import annotations

import getpass
import html
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dataops.notebook.limits import Limits, larger_profile, limits, size

if TYPE_CHECKING:
    from dataops.notebook.services import Service


@dataclass(frozen=True)
class Status:
    """What a person should know before the first cell.

    Attributes:
        user: who one is.
        profile: the size of the server.
        limits: what it may use and has left.
        services: what it works with.
        links: pages by their names.
        notes: what is not as it should be.
    """

    user: str
    profile: str
    limits: Limits
    services: Sequence[Service]
    links: dict[str, str]
    notes: Sequence[str]

    def lines(self) -> list[str]:
        """Return it as sentences."""
        memory = f"{size(self.limits.memory)} of memory" if self.limits.memory else "no limit of memory"
        cores = f"{self.limits.cores:g} cores" if self.limits.cores else "no limit of cores"
        told = [f"You are {self.user}; profile {self.profile}: {memory} ({size(self.limits.free)} free), {cores}."]
        told += [f"{one.name} at {one.place}: {one.trouble or 'answers'}." for one in self.services]
        return told + list(self.notes)

    def __repr__(self) -> str:
        """Return it as text."""
        links = [f"{name}: {link}" for name, link in self.links.items()]
        return "\n".join(self.lines() + links)

    def _repr_html_(self) -> str:
        lines = "".join(f"<div>{html.escape(line)}</div>" for line in self.lines())
        links = [f'<a href="{html.escape(link)}" target="_blank">{name}</a>' for name, link in self.links.items()]
        return f"<small>{lines}<div>{' · '.join(links)}</div></small>"


def status(notes: Sequence[str] = ()) -> Status:
    """Ask everything anew and return who and where one is; three seconds at most.

    Args:
        notes: further sentences to show.

    Raises:
        UserError: a setting holds what it may not.
    """
    from dataops.config import Settings, variable
    from dataops.notebook.services import services
    from dataops.notebook.shadows import shadows

    settings = Settings.load()
    user = variable("JUPYTERHUB_USER") or getpass.getuser()
    found = [*notes, *shadows()]
    used = limits()
    if used.memory and used.free < used.memory // 10:
        found.append(f"Little memory is left: stop kernels you do not need, or {larger_profile()}.")
    return Status(user, settings.spark_profile, used, services(settings), _links(), found)


def _links() -> dict[str, str]:
    from dataops.config import variable

    prefix, hub = variable("JUPYTERHUB_SERVICE_PREFIX"), variable("JUPYTERHUB_BASE_URL")
    links = {"Spark UI": f"{prefix}proxy/{port}/jobs/"} if prefix and (port := _ui_port()) else {}
    return links | ({"my server": f"{hub}hub/home"} if hub else {})


def _ui_port() -> int | None:
    """Return the port of the running session's UI; None where there is none."""
    pyspark: Any = sys.modules.get("pyspark")
    context = pyspark and pyspark.SparkContext._active_spark_context
    return urlsplit(context.uiWebUrl).port if context and context.uiWebUrl else None
