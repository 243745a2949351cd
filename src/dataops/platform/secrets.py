"""Creates the Secrets that charts declare where they are missing, or verifies them where people supply them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dataops.errors import UserError
from dataops.platform import ca, generators
from dataops.platform.declarations import Declaration, Key
from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster
from dataops.platform.secrets_check import Check, removal

Place = tuple[str, str]
Data = dict[str, bytes] | None

LABELS = {"app.kubernetes.io/part-of": "dataops", "app.kubernetes.io/managed-by": "dataops-secrets"}
AUTHORITY = ("local-ca", "tls.crt", "tls.key")


class Store(Protocol):
    """Where Secrets are: a cluster, or a folder for those who have none."""

    def secret(self, namespace: str, name: str) -> dict[str, bytes] | None:
        """A Secret's data, or None when there is no such Secret."""

    def write_secret(self, namespace: str, name: str, data: dict[str, bytes], labels: dict[str, str]) -> None:
        """Create a Secret, or add keys to the one that is there."""


@dataclass
class _Maker:
    """Finds or makes each value of the declarations, starting from what the cluster holds."""

    declared: dict[str, Declaration]
    environment: Environment
    values: dict[tuple[str, str], str]

    def value(self, name: str, key: str) -> str:
        """The value of a key, made now when there is none yet."""
        found = self.values.get((name, key))
        if found is None:
            self._make(name, key)
            found = self.values[(name, key)]
        return found

    def _make(self, name: str, key: str) -> None:
        if name not in self.declared or key not in self.declared[name].keys:
            raise UserError(f"a secrets.yaml refers to {{{name}/{key}}}, which no chart declares: correct the name")
        wanted = self.declared[name].keys[key]
        if wanted.value is not None:
            self.values[(name, key)] = generators.fill(wanted.value, self._lookup)
        elif wanted.generate in ("ca", "tls"):
            self._make_pair(name, wanted)
        elif wanted.generate:
            self.values[(name, key)] = generators.generate(wanted.generate)
        else:
            raise UserError(f"a secrets.yaml says of {name}/{key} neither generate nor value: add one of them")

    def _make_pair(self, name: str, wanted: Key) -> None:
        if wanted.generate == "ca":
            pair = ca.new_ca()
        else:
            authority, certificate, key = AUTHORITY
            declared = [one for entry in self.declared[name].keys.values() for one in entry.names]
            names = [generators.fill(one, self._lookup) for one in declared]
            pair = ca.new_server(self.value(authority, certificate), self.value(authority, key), names)
        # a certificate and its key belong together: a lost half is replaced with the other one
        self.values[(name, "tls.crt")], self.values[(name, "tls.key")] = pair

    def _lookup(self, reference: str) -> str:
        name, slash, key = reference.partition("/")
        return self.value(name, key) if slash else str(self.environment.get(reference))


def ensure(
    cluster: Store, environment: Environment, declared: dict[str, Declaration], folder: Path | None = None
) -> list[str]:
    """Create what is missing; what exists stays as it is.

    Args:
        cluster: The cluster, or what takes its place.
        environment: The place; its facts fill templates.
        declared: Every Secret of the environment by name.
        folder: Files `<secret>.<key>` with the values that others give; ENV=local needs none.

    Returns:
        What was written, as `namespace/name: keys`.

    Raises:
        UserError: A given value is missing, or one that is there is wrong; nothing was written.
    """
    present = _read(cluster, environment, declared)
    known = {
        (name, key): value.decode()
        for (_, name), data in present.items()
        for key, value in (data or {}).items()
        if value
    }
    if folder:
        given = _given(folder, environment, declared, known)
        known |= {place: _text(path) for place, path in given.items()}
        state = {place: _with(data, place[1], known) for place, data in present.items()}
        Check(environment, declared, state, str(folder), given).refuse_flaws()
    maker = _Maker(declared, environment, known)
    written = []
    for (namespace, name), data in present.items():
        for key in declared[name].keys:
            maker.value(name, key)
        wanted = {key: maker.values[(name, key)].encode() for key in declared[name].keys}
        missing = {key: value for key, value in wanted.items() if _differs(data, key, value)}
        if missing:
            cluster.write_secret(namespace, name, missing, LABELS)
            written.append(f"{namespace}/{name}: {', '.join(sorted(missing))}")
    return written


def verify(cluster: Cluster, environment: Environment, declared: dict[str, Declaration]) -> None:
    """Check that every Secret is there, whole, and with values nobody can guess.

    Args:
        cluster: The cluster.
        environment: The place.
        declared: Every Secret of the environment by name.

    Raises:
        UserError: Something is missing or wrong; the message names all of it, never a value.
    """
    Check(environment, declared, _read(cluster, environment, declared)).refuse_flaws()


def _read(cluster: Store, environment: Environment, declared: dict[str, Declaration]) -> dict[Place, Data]:
    return {
        (namespace, entry.name): cluster.secret(namespace, entry.name)
        for entry in declared.values()
        for namespace in entry.places(environment)
    }


def _given(
    folder: Path, environment: Environment, declared: dict[str, Declaration], known: dict[Place, str]
) -> dict[Place, Path]:
    """The files of a folder by the Secret and key they are for."""
    if not folder.is_dir():
        raise UserError(f"FROM={folder} is no folder: name one with a file <secret>.<key> for each given value")
    names = {f"{name}.{key}": (name, key) for name, entry in declared.items() for key in entry.keys}
    found = {path.name: path for path in sorted(folder.iterdir()) if not path.name.startswith(".")}
    if unknown := [name for name in found if name not in names]:
        raise UserError(f"{folder / unknown[0]} is for no key of a Secret: call it <secret>.<key>, or take it away")
    for name, path in found.items():
        place = names[name]
        if place in known and known[place] != _text(path):
            where = declared[place[0]].places(environment)[0]
            raise UserError(
                f"{path} differs from the Secret, which is never overwritten: take the file away, or the old value by "
                f"{removal(where, *place)}"
            )
    return {names[name]: path for name, path in found.items()}


def _text(path: Path) -> str:
    """A value's file without the newline that editors leave at its end."""
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise UserError(f"{path} holds bytes that are no text: write the value as plain text") from None


def _with(data: Data, name: str, known: dict[Place, str]) -> dict[str, bytes]:
    """A Secret with what is known of it now; what is there stays."""
    return {key: value.encode() for (owner, key), value in known.items() if owner == name} | dict(data or {})


def _differs(data: Data, key: str, value: bytes) -> bool:
    existing = (data or {}).get(key)
    # the halves of a certificate are renewed together; everything else that exists stays
    return not existing or (key in ("tls.crt", "tls.key") and existing != value)
