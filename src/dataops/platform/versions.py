"""The pinned versions of versions.env, the only place where a version is typed."""

import os
from pathlib import Path

from dataops.errors import UserError

ALSO = "_ALSO_SUPPORTED"
"""SPARK_VERSION_ALSO_SUPPORTED: a second version, with locks of its own, which the environment may choose instead."""


def load_versions(root: Path) -> dict[str, str]:
    """Read versions.env of a checkout; of two supported versions the environment may choose the other.

    Args:
        root: The repository root.

    Returns:
        Each name with its version.

    Raises:
        UserError: The file is missing, a line is not `NAME=value`, or the environment names an unsupported version.
    """
    path = root / "versions.env"
    if not path.is_file():
        raise UserError(f"{path} is missing: run this inside a checkout of the platform's repository")
    versions: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, separator, value = text.partition("=")
        if not separator or not name or not value:
            raise UserError(f"versions.env line {number} is {line!r}: write it as NAME=value")
        versions[name] = value
    for also in [name for name in versions if name.endswith(ALSO)]:
        name = also.removesuffix(ALSO)
        supported = versions[name], versions[also]
        chosen = os.environ.get(name) or versions[name]
        if chosen not in supported:
            raise UserError(f"{name}={chosen} is not supported: choose {' or '.join(supported)}")
        versions[name], versions[also] = chosen, next((one for one in supported if one != chosen), chosen)
    return versions
