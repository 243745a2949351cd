"""The facts of a place: environments/<name>.yaml as one object."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dataops.errors import UserError

LOCAL = "local"


@dataclass(frozen=True)
class Environment:
    """One environment file.

    Attributes:
        name: The file's name without its ending.
        path: The file itself, handed to Helm as values.
        values: What stands under `global:`.
    """

    name: str
    path: Path
    values: dict[str, Any]

    @property
    def local(self) -> bool:
        """Whether the platform's own cluster, database and S3 store belong to it."""
        return self.name == LOCAL

    @property
    def namespaces(self) -> dict[str, str]:
        """The namespace of each role: servers, users, jobs."""
        return {str(role): str(name) for role, name in self.values["namespaces"].items()}

    @property
    def servers(self) -> str:
        """The namespace of the servers, where every release is recorded."""
        return self.namespaces["servers"]

    def get(self, dotted: str) -> Any:
        """Look up a fact by its path under `global:`.

        Args:
            dotted: For example `database.host`.

        Raises:
            UserError: There is no such fact.
        """
        value: Any = self.values
        for part in dotted.split("."):
            if not isinstance(value, dict) or part not in value:
                raise UserError(f"{self.path} has no global.{dotted}: add it")
            value = value[part]
        return value


def load_environment(root: Path, name: str) -> Environment:
    """Read an environment file.

    Args:
        root: The repository root.
        name: The environment's name.

    Returns:
        The environment.

    Raises:
        UserError: There is no such file, or it lacks what every place has.
    """
    path = root / "environments" / f"{name}.yaml"
    known = sorted(file.stem for file in path.parent.glob("*.yaml"))
    if name not in known:
        raise UserError(f"ENV={name} is unknown: choose one of {', '.join(known)}, or write environments/{name}.yaml")
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not valid YAML: {str(error).splitlines()[0]}") from error
    values = document.get("global") if isinstance(document, dict) else None
    if not isinstance(values, dict) or not {"servers", "users", "jobs"} <= set(values.get("namespaces") or {}):
        raise UserError(f"{path} must hold global.namespaces with servers, users and jobs")
    return Environment(name=name, path=path, values=values)
