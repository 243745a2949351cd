"""Something that runs containers: Docker's daemon, or podman serving its socket for as long as the tests take."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import packages
from dataops.platform.images.engine import choose_engine

PATIENCE_SECONDS = 30
CONFIGURATION = """
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


@contextmanager
def container_service() -> Iterator[str]:
    """Yield the address of a socket that speaks Docker's API and knows the images that `make images` built."""
    if choose_engine() == "docker":
        yield "unix:///var/run/docker.sock"
        return
    if not shutil.which("podman"):
        packages.install("podman", "runc")
    folder = Path(tempfile.mkdtemp(prefix="dataops-podman-"))
    (folder / "containers.conf").write_text(CONFIGURATION, encoding="utf-8")
    socket = folder / "podman.sock"
    service = subprocess.Popen(
        ["podman", "system", "service", "--time=0", f"unix://{socket}"],
        env={
            "CONTAINERS_CONF": str(folder / "containers.conf"),
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(folder),
        },
        stderr=(folder / "log").open("w"),
    )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not socket.exists():
            if service.poll() is not None or time.monotonic() > deadline:
                raise UserError(f"podman does not serve its socket: {(folder / 'log').read_text(encoding='utf-8')}")
            time.sleep(0.1)
        yield f"unix://{socket}"
    finally:
        service.terminate()
        service.wait()
        shutil.rmtree(folder)
