"""The one cgroup that holds the node's processes and pods, for cgroup v1 and v2."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

from cluster.settings import CGROUP
from dataops.errors import UserError

TREE = Path("/sys/fs/cgroup")
UNITS = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def roots() -> list[Path]:
    """The node's folder in each cgroup hierarchy: one for v2, one per controller for v1."""
    if (TREE / "cgroup.controllers").exists():
        return [TREE / CGROUP]
    return [folder / CGROUP for folder in sorted(TREE.iterdir()) if folder.is_dir() and not folder.is_symlink()]


def create(limit: int | None) -> list[Path]:
    """Make the cgroup and limit its memory.

    Args:
        limit: Bytes for everything together, none for no limit.

    Returns:
        The files that take the ids of the node's own processes.
    """
    for root in roots():
        root.mkdir(exist_ok=True)
        if (root / "cgroup.controllers").exists() and root.parent == TREE:
            _delegate(TREE)
            _delegate(root)
        for name in ("cpuset.cpus", "cpuset.mems"):  # v1: empty until copied, and until then no process may enter
            above = root.parent / name
            if above.exists() and not (root / name).read_text().strip():
                (root / name).write_text(above.read_text())
        weight = root / "cpu.shares"  # v1: as much as kubelet gives its pods at the top of the tree
        if weight.exists():
            weight.write_text(str(1024 * (os.cpu_count() or 1)))
    memory = next(root for root in roots() if root.parent in (TREE, TREE / "memory"))
    for name, unlimited in (("memory.limit_in_bytes", "-1"), ("memory.max", "max")):
        if (memory / name).exists():
            (memory / name).write_text(str(limit) if limit else unlimited)
    system = memory / "system"
    system.mkdir(exist_ok=True)
    return [system / "cgroup.procs"]


def _delegate(folder: Path) -> None:
    controllers = (folder / "cgroup.controllers").read_text().split()
    (folder / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in controllers))


def destroy(timeout: float = 30) -> None:
    """Kill whatever still runs in the cgroup, pods above all, and remove it."""
    deadline = time.monotonic() + timeout
    while members := _members():
        if time.monotonic() > deadline:
            raise UserError(f"Processes {sorted(members)} of the node do not end; look at them with `ps -fp`.")
        for pid in members:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.1)
    for root in roots():
        for folder, _, _ in os.walk(root, topdown=False):
            os.rmdir(folder)


def _members() -> set[int]:
    files = [file for root in roots() for file in root.rglob("cgroup.procs")]
    return {int(pid) for file in files for pid in file.read_text().split()}


def parse_size(text: str) -> int:
    """Read an amount such as 8Gi or 8192Mi as bytes."""
    match = re.fullmatch(r"(\d+)(Ki|Mi|Gi)?", text)
    if not match:
        raise UserError(f"NODE_MEMORY={text} is not an amount of memory: write it like 8Gi.")
    return int(match[1]) * UNITS[match[2] or ""]
