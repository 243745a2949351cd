"""What must be true of the machine before a node is started on it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from cluster.settings import DISK_GIB, OPENSHIFT_PORTS, PORTS, STATE
from dataops.errors import UserError

USES = {**PORTS, **OPENSHIFT_PORTS}


def root() -> None:
    """Refuse who may not start or stop a node."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise UserError("CLUSTER=node needs Linux and root; elsewhere use CLUSTER=kind with Docker.")


def before_start() -> None:
    """Refuse, naming the reason, where a node cannot be started; print the figures that matter."""
    free_disk(STATE)
    ports_free(PORTS)


def free_disk(path: Path, wanted_gib: int = DISK_GIB) -> None:
    """Refuse when the file system of a path that may not exist yet is too full."""
    while not path.exists():
        path = path.parent
    free = shutil.disk_usage(path).free / 2**30
    print(f"    disk: {free:.0f} GiB free on {path}, {wanted_gib} needed", file=sys.stderr)
    if free < wanted_gib:
        raise UserError(f"{path} has {free:.0f} GiB free, the node needs {wanted_gib}: make room there first.")


def ports_free(ports: Iterable[int]) -> None:
    """Refuse when somebody listens on one of the ports, naming both."""
    listening = {port: pid for port, pid in _listeners()}
    for port in ports:
        if port in listening:
            pid = listening[port]
            holder = f"{_name(pid)} (process {pid})" if pid else "another process"
            raise UserError(f"Port {port} is taken by {holder}; the node needs it for {USES.get(port, 'itself')}.")


def _listeners() -> Iterable[tuple[int, int | None]]:
    inodes: dict[str, int] = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not Path(table).exists():
            continue
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            words = line.split()
            if words[3] == "0A":
                inodes[words[9]] = int(words[1].rpartition(":")[2], 16)
    holders: dict[str, int] = {}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = os.readlink(link)
        except OSError:  # processes end while we look
            continue
        if match := re.fullmatch(r"socket:\[(\d+)\]", target):
            holders[match[1]] = int(link.parts[2])
    return [(port, holders.get(inode)) for inode, port in inodes.items()]


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()


def docker_hint() -> None:
    """Say what to do when Docker has set the machine to drop what it forwards, which cuts off the pods."""
    chain = subprocess.run(["iptables", "-S", "FORWARD"], capture_output=True, text=True, check=False).stdout
    if "-P FORWARD DROP" in chain:
        print(
            "    note: the firewall drops forwarded packets (Docker sets this); if pods cannot reach each other, run "
            "`iptables -P FORWARD ACCEPT`",
            file=sys.stderr,
        )
