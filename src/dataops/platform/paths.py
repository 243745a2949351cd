"""Where things are on this machine: the repository, the cache, the reports."""

import os
from pathlib import Path

from dataops.errors import UserError


def repository_root() -> Path:
    """Find the checkout that the command works on.

    Returns:
        The nearest folder with a versions.env, upwards from the working directory, else the one this package lies in.

    Raises:
        UserError: Neither place belongs to a checkout.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, *Path(__file__).resolve().parents):
        if (folder / "versions.env").is_file() and (folder / "charts").is_dir():
            return folder
    raise UserError(f"{here} is not a checkout of the platform: change to the folder that holds versions.env")


def cache_dir() -> Path:
    """The machine's cache of downloads and builds, `DATAOPS_CACHE` or ~/.cache/dataops; made when missing."""
    path = Path(os.environ.get("DATAOPS_CACHE") or Path.home() / ".cache" / "dataops")
    path.mkdir(parents=True, exist_ok=True)
    return path


def oci_layout_dir() -> Path:
    """Where images lie between the engine that built them and the node that loads them, layers shared."""
    return cache_dir() / "oci-layout"


def published_dir() -> Path:
    """Where images lie as registries get them, every layer compressed once."""
    return cache_dir() / "published"


def reports_dir(root: Path) -> Path:
    """The folder for what checks write beside what they print; made when missing."""
    path = root / ".reports"
    path.mkdir(exist_ok=True)
    return path
