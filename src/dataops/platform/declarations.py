"""What each chart's secrets.yaml declares, read into typed objects."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dataops.errors import UserError
from dataops.platform.charts import Chart
from dataops.platform.documents import read_yaml
from dataops.platform.environment import Environment

Generator = Literal["password", "hex32", "fernet", "access-key", "ca", "tls"]
Role = Literal["servers", "users", "jobs"]


class Key(BaseModel):
    """One key of a Secret.

    Attributes:
        description: What it is, for whoever has to supply it.
        generate: How a missing one is made.
        given: Made on ENV=local only: elsewhere it belongs to an account that somebody outside the platform keeps.
        value: A template for one that follows from others: `{secret/key}` and `{database.host}` are filled in.
        names: The host names of a `tls` certificate.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    description: str = ""
    generate: Generator | None = None
    given: bool = False
    value: str | None = None
    names: tuple[str, ...] = ()


class Declaration(BaseModel):
    """One Secret, with the roles of the namespaces it lives in.

    Attributes:
        name: The Secret's name.
        description: What it is for.
        namespaces: The roles of its namespaces; its values are the same in all of them.
        environments: The only environments that have it; empty means all.
        keys: Its keys.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    description: str
    namespaces: tuple[Role, ...] = Field(min_length=1)
    environments: tuple[str, ...] = ()
    keys: dict[str, Key] = Field(min_length=1)

    def places(self, environment: Environment) -> list[str]:
        """The namespaces it lives in; one may play several roles."""
        return list(dict.fromkeys(environment.namespaces[role] for role in self.namespaces))


def read_declarations(chart: Chart, environment: Environment) -> list[Declaration]:
    """The Secrets a chart needs in an environment.

    Args:
        chart: The chart.
        environment: The place.

    Returns:
        Its declarations.

    Raises:
        UserError: The file has a mistake.
    """
    path = chart.path / "secrets.yaml"
    if not path.is_file():
        return []
    return [entry for entry in _parse(path) if not entry.environments or environment.name in entry.environments]


def read_all(charts: Iterable[Chart], environment: Environment) -> dict[str, Declaration]:
    """The Secrets of many charts by name.

    Args:
        charts: The charts.
        environment: The place.

    Returns:
        Each declaration once.

    Raises:
        UserError: Two charts declare one name.
    """
    found: dict[str, Declaration] = {}
    for chart in charts:
        for entry in read_declarations(chart, environment):
            if entry.name in found:
                raise UserError(
                    f"{chart.path / 'secrets.yaml'} declares {entry.name}, another chart does too: keep one"
                )
            found[entry.name] = entry
    return found


def _parse(path: Path) -> list[Declaration]:
    try:
        return [Declaration.model_validate(entry) for entry in read_yaml(path) or []]
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{path}: {where}: {first['msg']}") from error
