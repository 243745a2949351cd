"""Docker and docker-compose for a test: the daemon that runs, else one that leaves the machine's network as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import packages
from dataops.platform.images import engine as engines
from dataops.platform.process import run

PATIENCE_SECONDS = 60
# Ports are published by Docker's own processes then, and other containers of the machine keep their rules.
QUIET = ("--iptables=false", "--ip-masq=false", "--bridge=none")


@contextmanager
def daemon() -> Iterator[str]:
    """Yield the address of a daemon; one that was started for the test goes, with all it stored."""
    if shutil.which("docker") and run(["docker", "info"], check=False).returncode == 0:
        yield os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
        return
    if not (shutil.which("dockerd") and shutil.which("docker-compose")):
        packages.install("docker.io", "docker-compose")
    folder = Path(tempfile.mkdtemp(prefix="dataops-docker-"))
    address = f"unix://{folder}/docker.sock"
    places = [
        f"--data-root={folder}/data",
        f"--exec-root={folder}/exec",
        f"--pidfile={folder}/pid",
        f"--host={address}",
    ]
    with (folder / "log").open("w") as log:
        started = subprocess.Popen(["dockerd", *places, *QUIET], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while run(["docker", "--host", address, "info"], check=False).returncode:
            if started.poll() is not None or time.monotonic() > deadline:
                raise UserError(f"Docker's daemon does not start: {(folder / 'log').read_text(encoding='utf-8')}")
            time.sleep(0.5)
        yield address
    finally:
        started.terminate()
        started.wait()
        shutil.rmtree(folder)


def bring(references: Sequence[str], address: str) -> None:
    """Give a daemon the images that another engine built; those it has already are left alone."""
    for reference in references:
        if run(["docker", "--host", address, "image", "inspect", reference], check=False).returncode:
            source, target = engines.source("buildah", reference), engines.source("docker", reference)
            run(["skopeo", "copy", "--quiet", "--dest-daemon-host", address, source, target])
