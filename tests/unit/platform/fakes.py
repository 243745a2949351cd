"""A cluster in memory: what the platform's code reads and writes there, without an API server."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from dataops.platform.environment import Environment


@dataclass
class FakeCluster:
    """Secrets and ConfigMaps by namespace and name; `writes` counts every change."""

    secrets: dict[tuple[str, str], dict[str, bytes]] = field(default_factory=dict)
    config_maps: dict[tuple[str, str], Any] = field(default_factory=dict)
    writes: int = 0
    context: str = "fake"
    server: str = "https://fake:6443"

    def must_answer(self, fix: str) -> None:
        """It always does."""

    def secret(self, namespace: str, name: str) -> dict[str, bytes] | None:
        found = self.secrets.get((namespace, name))
        return dict(found) if found is not None else None

    def write_secret(self, namespace: str, name: str, data: dict[str, bytes], labels: dict[str, str]) -> None:
        self.writes += 1
        self.secrets.setdefault((namespace, name), {}).update(data)

    def config_map(self, namespace: str, name: str) -> Any:
        return self.config_maps.get((namespace, name))

    @property
    def core(self) -> Any:
        def write(namespace: str, body: Any) -> None:
            self.writes += 1
            self.config_maps[(namespace, body.metadata.name)] = body

        return SimpleNamespace(
            create_namespaced_config_map=write,
            read_namespace=lambda name: SimpleNamespace(metadata=SimpleNamespace(name=name, annotations={}, labels={})),
            replace_namespaced_config_map=lambda name, namespace, body: write(namespace, body),
        )


def environment(name: str = "local", **values: Any) -> Environment:
    """An environment like those of the repository, with `values` added under `global:`."""
    facts = {
        "namespaces": {"servers": "dataops", "users": "dataops-users", "jobs": "dataops-jobs"},
        "login": {"kind": "password"},
        "database": {"host": "postgres.example", "port": 5432},
    }
    return Environment(name, (Path(f"environments/{name}.yaml"),), {**facts, **values})
