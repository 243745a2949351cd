"""Says what is wrong with Secrets that people supply: missing, guessable, damaged, or at odds with each other."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import generators
from dataops.platform.declarations import Declaration, Key
from dataops.platform.environment import Environment

# What the cluster holds, or would hold: by namespace and name; None where there is no such Secret.
State = Mapping[tuple[str, str], Mapping[str, bytes] | None]


@dataclass(frozen=True)
class Check:
    """One look at the Secrets of a place.

    Attributes:
        environment: The place.
        declared: Every Secret of the environment by name.
        state: What is looked at.
        folder: Where the given values are, as people typed it.
        files: The values that were taken from there, by name and key.
    """

    environment: Environment
    declared: Mapping[str, Declaration]
    state: State
    folder: str = "<folder>"
    files: Mapping[tuple[str, str], Path] | None = None

    def refuse_flaws(self) -> None:
        """Return if nothing is wrong.

        Raises:
            UserError: Something is; the message names all of it with its fix, never a value.
        """
        if found := [*self._missing(), *self._flaws()]:
            command = f"`make secrets ENV={self.environment.name} FROM={self.folder}`"
            head = f"{len(found)} secret(s) need your hand; {command} makes all but the values that others give:"
            raise UserError("\n       ".join([head, *found]))

    def _entries(self) -> Iterator[tuple[str, Declaration]]:
        return ((where, entry) for entry in self.declared.values() for where in entry.places(self.environment))

    def _missing(self) -> Iterator[str]:
        for where, entry in self._entries():
            data = self.state[(where, entry.name)] or {}
            missing = [key for key in entry.keys if key not in data]
            given = [key for key in missing if entry.keys[key].given and not self._known(entry.name, key)]
            secret, made = f"Secret {where}/{entry.name}", [key for key in missing if key not in given]
            for key in given:
                yield f"{secret} lacks {key} ({entry.keys[key].description}): {self._write(entry.name, key)}"
            if made and self.files is None:  # otherwise that command is the one that asks
                yield f"{secret} lacks {', '.join(made)}: that command makes it"

    def _flaws(self) -> Iterator[str]:
        for where, entry in self._entries():
            data = self.state[(where, entry.name)] or {}
            for key, about in entry.keys.items():
                if key not in data:
                    continue
                if flaw := _flaw(key, about, data[key]):
                    yield f"Secret {where}/{entry.name} has {flaw} in {key}: {self._fix(where, entry, key)}"
                elif other := self._disagreement(where, entry, key):
                    yield f"Secret {where}/{entry.name} has a {key} that disagrees with {other}: " + self._fix(
                        where, entry, key
                    )

    def _disagreement(self, where: str, entry: Declaration, key: str) -> str | None:
        """The other Secret or key whose value this one should hold, and does not."""
        value, first = (self.state[(where, entry.name)] or {})[key], entry.places(self.environment)[0]
        if where != first and (self.state[(first, entry.name)] or {}).get(key, value) != value:
            return f"the same Secret in {first}"
        for reference, forms in generators.references(entry.keys[key].value or "").items():
            name, slash, part = reference.partition("/")
            inside = self._known(name, part) if slash else None
            if inside and generators.written(inside, forms) not in value.decode():
                return f"{part} of Secret {name}"
        return None

    def _known(self, name: str, key: str) -> str | None:
        for where in self.declared[name].places(self.environment):
            if value := (self.state[(where, name)] or {}).get(key):
                return value.decode(errors="replace")
        return None

    def _write(self, name: str, key: str) -> str:
        return f"write it to {self.folder}/{name}.{key}"

    def _fix(self, where: str, entry: Declaration, key: str) -> str:
        if self.files and (entry.name, key) in self.files:
            return f"correct {self.files[(entry.name, key)]}"
        again = f"{self._write(entry.name, key)}, then that command" if entry.keys[key].given else "then that command"
        return f"{removal(where, entry.name, key)}, {again}"


def removal(namespace: str, name: str, key: str) -> str:
    """The command that takes one key out of a Secret, so that it is made anew; the others stay."""
    patch = json.dumps([{"op": "remove", "path": f"/data/{key}"}], separators=(",", ":"))
    return f"kubectl -n {namespace} patch secret {name} --type=json -p='{patch}'"


def _flaw(key: str, about: Key, value: bytes) -> str | None:
    weakness = generators.weakness(value)
    # user names are public: `admin` is fine as one
    if weakness and not (key.lower().endswith(("user", "username")) and "well-known" in weakness):
        return weakness
    of_lines = about.generate in ("ca", "tls") or "\n" in (about.value or "")
    return None if of_lines else generators.damage(about.generate, value.decode())
