"""Where a command works: the checkout, the environment, and for most the cluster behind the guard."""

from dataclasses import dataclass
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import guard
from dataops.platform.environment import Environment, load_environment
from dataops.platform.kube import Cluster
from dataops.platform.paths import repository_root


@dataclass(frozen=True)
class Place:
    """A checkout and one of its environments.

    Attributes:
        root: The repository root.
        environment: The facts of the place.
    """

    root: Path
    environment: Environment

    def cluster(self) -> Cluster:
        """The environment's cluster; facts that were never filled in and the wrong cluster are refused."""
        self.environment.refuse_unfinished()
        cluster = guard.choose(self.root, self.environment)
        guard.check(cluster, self.environment)
        return cluster

    def registry(self) -> str:
        """The registry that the environment pulls from.

        Raises:
            UserError: ENV=local has none.
        """
        if self.environment.local:
            raise UserError("ENV=local pulls no images, `make deploy` loads them: name another, e.g. ENV=openshift")
        return str(self.environment.get("registry"))


def place(env: str) -> Place:
    """Find the checkout and read the environment's file.

    Args:
        env: The environment's name.

    Returns:
        The place.
    """
    root = repository_root()
    return Place(root, load_environment(root, env))
