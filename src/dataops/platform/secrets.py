"""Creates the Secrets that charts declare where they are missing, or verifies them where people supply them."""

from dataclasses import dataclass

from dataops.errors import UserError
from dataops.platform import ca, generators
from dataops.platform.declarations import Declaration, Key
from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster

LABELS = {"app.kubernetes.io/part-of": "dataops", "app.kubernetes.io/managed-by": "dataops-secrets"}
AUTHORITY = ("local-ca", "tls.crt", "tls.key")


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
            raise UserError(f"Secret {name} needs {key} ({wanted.description}): {_how(name, [key], self._where(name))}")

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

    def _where(self, name: str) -> str:
        return self.environment.namespaces[self.declared[name].namespaces[0]]


def ensure(cluster: Cluster, environment: Environment, declared: dict[str, Declaration]) -> list[str]:
    """Create what is missing; what exists stays as it is.

    Args:
        cluster: The cluster.
        environment: The place; its facts fill templates.
        declared: Every Secret of the environment by name.

    Returns:
        What was written, as `namespace/name: keys`.
    """
    present = {
        (namespace, entry.name): cluster.secret(namespace, entry.name)
        for entry in declared.values()
        for namespace in _namespaces(entry, environment)
    }
    known = {
        (name, key): value.decode()
        for (_, name), data in present.items()
        for key, value in (data or {}).items()
        if value
    }
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


def _differs(data: dict[str, bytes] | None, key: str, value: bytes) -> bool:
    existing = (data or {}).get(key)
    # the halves of a certificate are renewed together; everything else that exists stays
    return not existing or (key in ("tls.crt", "tls.key") and existing != value)


def verify(cluster: Cluster, environment: Environment, declared: dict[str, Declaration]) -> None:
    """Check that people supplied every Secret, with values nobody can guess.

    Args:
        cluster: The cluster.
        environment: The place.
        declared: Every Secret of the environment by name.

    Raises:
        UserError: Something is missing or weak; the message names all of it, never a value.
    """
    problems = []
    for entry in declared.values():
        for namespace in _namespaces(entry, environment):
            found = cluster.secret(namespace, entry.name)
            data = found or {}
            missing = [key for key in entry.keys if key not in data]
            if missing:
                how = _how(entry.name, missing, namespace, exists=found is not None)
                problems.append(f"Secret {entry.name} lacks {', '.join(missing)}: {how}")
            for key in entry.keys:
                reason = generators.weakness(data[key]) if key in data and not _is_name(key) else None
                if reason:
                    how = _how(entry.name, [key], namespace, exists=True)
                    problems.append(f"Secret {entry.name} has {reason} in {key}: {how}")
    if problems:
        raise UserError("\n       ".join([f"{len(problems)} secret(s) need your hand:", *problems]))


def _is_name(key: str) -> bool:
    """User names are public: `admin` is fine as one."""
    return key.lower().endswith(("user", "username"))


def _namespaces(entry: Declaration, environment: Environment) -> list[str]:
    # one namespace may play all three roles
    return list(dict.fromkeys(environment.namespaces[role] for role in entry.namespaces))


def _how(name: str, keys: list[str], namespace: str, exists: bool = False) -> str:
    files = " ".join(f"--from-file={key}=<file>" for key in keys)
    create = f"kubectl -n {namespace} create secret generic {name} {files}"
    # a patch leaves the other keys as they are, which apply does not always
    patch = f" --dry-run=client -o yaml | kubectl -n {namespace} patch secret {name} --patch-file=/dev/stdin"
    return create + (patch if exists else "")
