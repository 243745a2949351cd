"""Debian packages that this machine lacks: installed where that is possible."""

import os
import shutil

from dataops.platform.process import run, step


def can_install() -> bool:
    """Whether packages can be installed here: as root, on Debian or its kin."""
    return os.getuid() == 0 and shutil.which("apt-get") is not None


def install(*names: str) -> None:
    """Install packages, without those they merely recommend.

    Args:
        names: The packages.

    Raises:
        UserError: apt-get failed.
    """
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    with step(f"Installing {', '.join(names)}"):
        run(["apt-get", "update", "-qq"], env=environment)
        run(["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *names], env=environment)
