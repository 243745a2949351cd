"""What each chart's secrets.yaml declares, read into typed objects."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dataops.errors import UserError
from dataops.platform.charts import Chart
from dataops.platform.documents import read_yaml
from dataops.platform.environment import Environment

Generator = Literal["password", "hex32", "fernet", "access-key", "ca", "tls"]
Role = Literal["servers", "users", "own", "jobs"]
PERSON = "<person>"
"""What a declaration says in place of a name, to be there for each person who has a namespace of their own."""


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
        namespaces: The roles of its namespaces, `own` for those of single people; its values are the same in all.
        environments: The only environments that have it; empty means all.
        where: Facts and the values that they have in the only places that have it; empty means all.
        keys: Its keys.
        person: Whose it is, where each person has one: of the namespaces of single people it is in theirs alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    description: str
    namespaces: tuple[Role, ...] = Field(min_length=1)
    environments: tuple[str, ...] = ()
    where: dict[str, tuple[str, ...]] = {}
    keys: dict[str, Key] = Field(min_length=1)
    person: str = ""

    def belongs_to(self, environment: Environment) -> bool:
        """Whether a place has it."""
        named = not self.environments or environment.name in self.environments
        return named and all(environment.get(fact) in values for fact, values in self.where.items())

    def places(self, environment: Environment) -> list[str]:
        """The namespaces it lives in; one may play several roles."""
        own = [environment.own_namespaces[self.person]] if self.person else environment.own_namespaces.values()
        found = [own if role == "own" else [environment.namespaces[role]] for role in self.namespaces]
        return list(dict.fromkeys(namespace for some in found for namespace in some))


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
    entries = [one for raw in read_yaml(path) or [] for one in _for_people(raw, list(environment.own_namespaces))]
    return [entry for entry in _parse(path, entries) if entry.belongs_to(environment)]


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


def _for_people(raw: Any, people: list[str]) -> list[Any]:
    """A declaration for each person, or one whose keys that name a person are there for each."""
    if PERSON in raw["name"]:
        return [{**_named(raw, person), "person": person} for person in people]
    keys: dict[str, Any] = {}
    for key, about in raw["keys"].items():
        for named in [_named({key: about}, person) for person in people] if PERSON in key else [{key: about}]:
            keys |= named
    return [{**raw, "keys": keys}]


def _named(node: Any, person: str) -> Any:
    """A part of a document with a person's name in it."""
    return json.loads(json.dumps(node).replace(PERSON, person))


def _parse(path: Path, entries: list[Any]) -> list[Declaration]:
    try:
        return [Declaration.model_validate(entry) for entry in entries]
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{path}: {where}: {first['msg']}") from error
