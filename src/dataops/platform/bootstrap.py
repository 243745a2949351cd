"""What an administrator applies before the first deploy: bootstrap.yaml, and a namespace for each listed person."""

from pathlib import Path

from dataops.platform.environment import Environment

PLACEHOLDER = "dataops-users-NAME"
"""What stands in bootstrap-user.yaml for a person's namespace; no cluster takes it as it is."""


def documents(root: Path, environment: Environment) -> str:
    """The namespaces of a place with their administrators, quotas and limits, as YAML.

    Args:
        root: The repository root.
        environment: The place; its `users:` lists who gets a namespace.

    Returns:
        The text of bootstrap.yaml, and behind it a copy of bootstrap-user.yaml for each person.
    """
    shared, own = ((root / name).read_text(encoding="utf-8") for name in ("bootstrap.yaml", "bootstrap-user.yaml"))
    return "".join([shared, *(own.replace(PLACEHOLDER, name) for name in environment.own_namespaces.values())])
