"""The facts of a place: environments/<name>.yaml as one object."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataops.errors import UserError
from dataops.platform.documents import read_yaml

LOCAL = "local"
SCHEMA = Path("charts/platform/values.schema.json")


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
        UserError: There is no such file, it lacks a fact, or it holds one that nobody knows.
    """
    folder = root / "environments"
    known = sorted(file.stem for file in folder.glob("*.yaml"))
    if name not in known:
        raise UserError(f"ENV={name} is unknown: choose one of {', '.join(known)}, or write environments/<name>.yaml")
    path = folder / f"{name}.yaml"
    document = read_yaml(path)
    problems = _problems(root, document)
    if problems:
        raise UserError(f"{path} is wrong: {'; '.join(problems)}; correct it, {SCHEMA} says what may stand there")
    return Environment(name=name, path=path, values=document["global"])


def _problems(root: Path, document: Any) -> list[str]:
    """What the schema of the facts says against a document, each with its place."""
    from jsonschema import Draft7Validator  # type: ignore[import-untyped]  # it ships no types

    schema = json.loads((root / SCHEMA).read_text(encoding="utf-8"))
    errors = sorted(Draft7Validator(schema).iter_errors(document), key=lambda error: list(map(str, error.path)))
    return [f"{'.'.join(map(str, error.path)) or 'the file'}: {error.message}" for error in errors]
