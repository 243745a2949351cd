"""The facts of a place: environments/<name>.yaml, with the file that FACTS names over it, as one object."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_address, ip_network
from pathlib import Path
from typing import Any

from dataops.errors import UserError
from dataops.platform.documents import read_yaml

LOCAL = "local"
SCHEMA = Path("charts/platform/values.schema.json")
METADATA = ip_address("169.254.169.254")
"""Where clouds hand out credentials to whoever asks; no pod may go there."""
# What documents may use for a place that does not exist (RFC 2606 and RFC 5737).
EXAMPLE_NAME = re.compile(r"\bexample\.(com|net|org)\b")
EXAMPLE_BLOCKS = [IPv4Network(block) for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


@dataclass(frozen=True)
class Environment:
    """One environment file.

    Attributes:
        name: The file's name without its ending.
        files: The file itself and the one that FACTS names, handed to Helm as values in this order.
        values: What stands under `global:`, the later file over the earlier one, REGISTRY over both.
    """

    name: str
    files: tuple[Path, ...]
    values: dict[str, Any]

    @property
    def path(self) -> Path:
        """The file to correct, and the one whose folder relative paths start from: the last."""
        return self.files[-1]

    @property
    def local(self) -> bool:
        """Whether the platform's own cluster, database and S3 store belong to it."""
        return self.name == LOCAL

    @property
    def namespaces(self) -> dict[str, str]:
        """The namespace of each role: servers, users, jobs."""
        return {str(role): str(name) for role, name in self.values["namespaces"].items()}

    @property
    def own_namespaces(self) -> dict[str, str]:
        """The namespaces of the people whom `users:` lists, by their names; charts/common names them alike."""
        return {str(person): f"{self.namespaces['users']}-{person}" for person in self.values.get("users") or ()}

    @property
    def every_namespace(self) -> list[str]:
        """Each namespace once; one may play several roles."""
        return list(dict.fromkeys([*self.namespaces.values(), *self.own_namespaces.values()]))

    def places(self, role: str) -> list[str]:
        """The namespaces of a role: people with one of their own have it beside the shared one."""
        return [self.namespaces[role], *(self.own_namespaces.values() if role == "users" else ())]

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

    def unfinished(self) -> list[str]:
        """The facts that still are examples of the form, each as its place and value."""
        return [f"{where} {text}" for where, text in _texts("global", self.values) if _is_example(text)]

    def refuse_unfinished(self) -> None:
        """Return if every fact was filled in.

        Raises:
            UserError: Some are still examples; the message names them.
        """
        if left := self.unfinished():
            raise UserError(f"{self.path} still holds {len(left)} example(s): {', '.join(left)}: write your own there")


def load_environment(root: Path, name: str) -> Environment:
    """Read an environment file, and over it the one that FACTS names: facts that do not belong in the repository.

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
    files = [folder / f"{name}.yaml"]
    document = read_yaml(files[0])
    if facts := os.environ.get("FACTS"):
        files.append(Path(facts).absolute())
        if not files[1].is_file():
            raise UserError(f"FACTS={facts} is no file: name one with the facts that differ from {files[0]}")
        document = _over(document, read_yaml(files[1]))
    where = " with ".join(map(str, files))
    # on this machine images are built and loaded, whatever a shell says about a registry
    if (registry := os.environ.get("REGISTRY")) and name != LOCAL:
        document = _over(document, {"global": {"registry": registry}})
        where += f" with REGISTRY={registry}"
    if problems := _problems(root, document):
        raise UserError(f"{where} is wrong: {'; '.join(problems)}; correct it, {SCHEMA} says what may stand there")
    environment = Environment(name=name, files=tuple(files), values=document["global"])
    if not environment.local and not environment.get("s3.endpointUrl").startswith("https://"):
        raise UserError(
            f"{environment.path} has global.s3.endpointUrl {environment.get('s3.endpointUrl')}, which would send keys "
            "and data in clear: write https:// there, only ENV=local may go without"
        )
    return environment


def _over(below: Any, above: Any) -> Any:
    """Two documents as Helm merges values files: maps key by key, anything else is replaced."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{key: _over(below.get(key), value) for key, value in above.items()}}


def _problems(root: Path, document: Any) -> list[str]:
    """What the schema of the facts says against a document, each with its place."""
    from jsonschema import Draft7Validator  # type: ignore[import-untyped]  # it ships no types

    schema = json.loads((root / SCHEMA).read_text(encoding="utf-8"))
    errors = sorted(Draft7Validator(schema).iter_errors(document), key=lambda error: list(map(str, error.path)))
    found = [f"{'.'.join(map(str, error.path)) or 'the file'}: {_reason(error)}" for error in errors]
    return found or _wide_blocks(document["global"]["egress"])


def _wide_blocks(egress: dict[str, list[dict[str, Any]]]) -> list[str]:
    """What is wrong with the address blocks that pods may go to, each with its place."""
    found = []
    for name, peers in egress.items():
        for number, block in enumerate(peer["ipBlock"] for peer in peers if "ipBlock" in peer):
            place = f"global.egress.{name}, block {number + 1}"
            try:
                cidr, *exceptions = [ip_network(text) for text in (block["cidr"], *block.get("except", []))]
            except ValueError as error:
                found.append(f"{place}: {error}")
                continue
            if METADATA in cidr and not any(METADATA in exception for exception in exceptions):
                found.append(f"{place}: {cidr} holds {METADATA}, where clouds hand out credentials; except it")
    return found


def _texts(where: str, node: Any) -> Iterator[tuple[str, str]]:
    """Every text below a fact, with its place."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _texts(f"{where}.{key}", value)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _texts(f"{where}[{number}]", value)
    elif isinstance(node, str):
        yield where, node


def _is_example(text: str) -> bool:
    if EXAMPLE_NAME.search(text):
        return True
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return False
    return isinstance(network, IPv4Network) and any(network.subnet_of(block) for block in EXAMPLE_BLOCKS)


def _reason(error: Any) -> str:
    """What is wrong, with what the schema says of a rule that people would not expect or could not read."""
    if error.validator == "pattern":
        return f"{error.instance!r} is not {error.schema['description']}"
    beside = f" ({error.schema['description']})" if "description" in error.schema else ""
    return f"{error.message}{beside}"
