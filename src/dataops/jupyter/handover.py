"""How a spare JVM changes hands: over a socket in a private folder go its port, its secret and its standard input.

Spark's JVM ends when its standard input does. Whoever holds the other end of that pipe owns the JVM: first the spare,
from then on the kernel, whose end, however it comes, is the JVM's end too. Nothing is written to a file.
"""

from __future__ import annotations

import hashlib
import json
import select
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_core.paths import jupyter_runtime_dir

if TYPE_CHECKING:
    from dataops.config import Settings

WAIT_SECONDS = 60
_PREFIXES = ("AWS_", "HADOOP_", "JAVA_", "PG", "PYSPARK_", "SPARK_", "_SPARK_")
_pipes: list[int] = []  # of the JVMs that this process has taken; the system closes them at its end


def socket_path(server: int) -> Path:
    """Return where the spare of a Jupyter server, named by its process, listens."""
    return Path(jupyter_runtime_dir()) / f"dataops-{server}" / "spare"


def fingerprint(settings: Settings) -> str:
    """Return a hash of all that a JVM takes from its start; a kernel takes only a spare with its own."""
    from dataops.config import variables  # lazily: the server needs none of it and starts sooner

    known = [settings.model_dump_json(), settings.secrets(), variables(*_PREFIXES)]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def listen(path: Path) -> socket.socket:
    """Listen at a path in a folder that only this account may enter."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    return listener


def offer(listener: socket.socket, key: str, port: int, secret: str, pipe: int, keep: Callable[[], bool]) -> bool:
    """Wait for a kernel with the same fingerprint and give it the JVM.

    Returns:
        Whether it was given away; if not, `keep` said that it is no longer worth keeping.
    """
    while keep():
        if not select.select([listener], [], [], 1.0)[0]:
            continue
        kernel, _ = listener.accept()
        with kernel:
            kernel.settimeout(5)
            try:
                if kernel.recv(len(key), socket.MSG_WAITALL).decode() == key:
                    socket.send_fds(kernel, [json.dumps([port, secret]).encode()], [pipe])
                    return True
            except OSError:
                continue  # a kernel that is gone again
    return False


def take(path: Path, key: str) -> tuple[int, str] | None:
    """Take the spare that listens at a path, once it is ready; None where there is none for this fingerprint."""
    with socket.socket(socket.AF_UNIX) as spare:
        spare.settimeout(WAIT_SECONDS)
        try:
            spare.connect(str(path))
            spare.sendall(key.encode())
            message, pipes, _, _ = socket.recv_fds(spare, 4096, 1)
        except OSError:
            return None
    if not pipes:
        return None
    _pipes.extend(pipes)
    port, secret = json.loads(message)
    return int(port), str(secret)
