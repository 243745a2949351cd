"""How many executors a session may have: what the other sessions of this server leave of the profile's, at least one.

A share is locks of files. The system gives them back when the kernel ends, however it ends.
"""

from __future__ import annotations

import fcntl
from collections import Counter
from pathlib import Path
from typing import IO, TYPE_CHECKING

from dataops.config import variable
from dataops.notebook.cells import notebook

if TYPE_CHECKING:
    from dataops.config import Settings

_held: list[IO[str]] = []


def options(settings: Settings) -> dict[str, str]:
    """Return what keeps this kernel's session within its share, and say so where that is less than the whole."""
    from dataops.jupyter.handover import socket_path
    from dataops.spark.profiles import PROFILES

    server = variable("JPY_PARENT_PID")
    if settings.spark_master_url.startswith("local") or not server:
        return {}
    most = PROFILES[settings.spark_profile].max_executors
    share, others = take(socket_path(int(server)).with_name("executors"), most, notebook())
    if share < most:
        names = ", ".join(f"{name} {count}" for name, count in sorted(others.items()))
        print(
            f"This session may have {share} of the {most} executors of your server; your other kernels hold: {names}."
            " Shut down what you no longer need and restart this kernel to have more."
        )
    return {"spark.dynamicAllocation.maxExecutors": str(share)}


def take(folder: Path, most: int, name: str) -> tuple[int, Counter[str]]:
    """Take what is free, once for all sessions of this process.

    Args:
        folder: one for all kernels of a server.
        most: how many executors they may have together.
        name: what others are told holds them.

    Returns:
        How many this process may have, and how many others hold by their names.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    others = Counter[str]()
    mine = {Path(slot.name) for slot in _held}
    for path in (folder / str(number) for number in range(most)):
        if path in mine:
            continue
        slot = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            slot.seek(0)
            others[slot.read()] += 1
            slot.close()
            continue
        slot.truncate(0)
        slot.write(name)
        slot.flush()
        _held.append(slot)
    return max(1, len(_held)), others
