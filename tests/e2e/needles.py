"""Every secret value the platform keeps, to be looked for where none may be; no value is ever shown."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from dataops.platform.charts import charts_of
from dataops.platform.declarations import Key, read_all
from dataops.platform.smoke.context import Context

RELEASE = "helm.sh/release.v1"
SECRETIVE = re.compile("SECRET|PASSWORD|TOKEN|KEY|CREDENTIAL|PGPASS", re.IGNORECASE)
PEM_TAIL = 2  # the last line of a key's body is short, its footer is no secret


@dataclass(frozen=True)
class Needle:
    """A secret value and the Secret that keeps it; its repr hides the value, because pytest shows arguments."""

    name: str
    value: str = field(repr=False)

    @cached_property
    def forms(self) -> list[str]:
        """The value as it stands, and its core in base64 wherever it begins within what was encoded."""
        raw = self.value.encode()
        shifted = [b64encode(b"x" * shift + raw).decode().rstrip("=") for shift in range(3)]
        # the first characters hold what stands before the value, the last what follows it
        cores = [text[-(-shift * 8 // 6) : len(text) - 1] for shift, text in enumerate(shifted)]
        return [self.value, *cores, *(core.translate(str.maketrans("+/", "-_")) for core in cores)]

    def is_in(self, text: str) -> bool:
        """Whether a text holds the value in one of its forms."""
        return any(form in text for form in self.forms)


def needles_of(platform: Context) -> list[Needle]:
    """The values that were made at random; all other keys are made of these and of public words."""
    declared = read_all(charts_of(platform.root, platform.environment), platform.environment)
    found = {}
    for entry in declared.values():
        data = platform.cluster.secret(entry.places(platform.environment)[0], entry.name) or {}
        for key, kind in entry.keys.items():
            for value in _random_parts(key, kind, data[key].decode()):
                found[value] = Needle(f"{entry.name}/{key}", value)
    return list(found.values())


def undeclared(platform: Context) -> list[str]:
    """Secrets that no chart declares, so that nobody would look for their values."""
    declared = read_all(charts_of(platform.root, platform.environment), platform.environment)
    return [
        f"{namespace}/{one.metadata.name}"
        for namespace in platform.environment.namespaces.values()
        for one in platform.cluster.core.list_namespaced_secret(namespace).items
        if one.type != RELEASE and one.metadata.name not in declared
    ]


def _random_parts(key: str, kind: Key, value: str) -> Iterator[str]:
    if kind.generate in ("ca", "tls"):
        yield from [] if key.endswith(".crt") else value.strip().splitlines()[1:-PEM_TAIL]
    elif kind.generate:
        yield value
