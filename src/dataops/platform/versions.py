"""The pinned versions of versions.env, the only place where a version is typed."""

from pathlib import Path

from dataops.errors import UserError


def load_versions(root: Path) -> dict[str, str]:
    """Read versions.env of a checkout.

    Args:
        root: The repository root.

    Returns:
        Each name with its version.

    Raises:
        UserError: The file is missing or a line is not `NAME=value`.
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
    return versions
