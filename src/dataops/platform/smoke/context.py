"""What the checks share: the cluster, addresses, log-ins, and what earlier checks left for later ones."""

import ssl
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from dataops.platform import trust
from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster
from dataops.platform.report import PAGES


class CheckFailed(Exception):
    """What a check expected and did not find, in one sentence."""


@dataclass
class Context:
    """What a check is given.

    Attributes:
        root: The repository root.
        cluster: The cluster.
        environment: The place.
        applications: Spark applications that checks started, for the history check.
    """

    root: Path
    cluster: Cluster
    environment: Environment
    applications: set[str] = field(default_factory=set)

    @property
    def job_image(self) -> str:
        """The image that jobs run in: the one the running platform names, whatever the checkout would build."""
        facts = self.cluster.config_map(self.environment.namespaces["jobs"], "dataops-env")
        if facts is None:
            raise CheckFailed("ConfigMap dataops-env is missing in the jobs' namespace: run `make deploy`")
        return str(facts.data["SPARK_EXECUTOR_IMAGE"])

    def url(self, key: str) -> str:
        """The address of a page, by the name of its node port."""
        return next(page for page in PAGES if page.key == key).url(self.environment)

    @cached_property
    def trust(self) -> ssl.SSLContext:
        """What the platform's own clients trust: the bundle that the deploy wrote."""
        found = self.cluster.config_map(self.environment.servers, trust.NAME)
        if found is None:
            raise CheckFailed(f"ConfigMap {trust.NAME} is missing in {self.environment.servers}: run `make deploy`")
        return ssl.create_default_context(cadata=found.data[trust.BUNDLE])

    def http(self, key: str, **settings: Any) -> httpx.Client:
        """A client for a page, by the name of its node port.

        Args:
            key: The page.
            settings: Of httpx, beside the address and whom to trust.

        Returns:
            The client.
        """
        return httpx.Client(base_url=self.url(key), verify=self.trust, **{"timeout": 60, **settings})

    def secret(self, name: str, key: str) -> str:
        """A value of a Secret of the servers."""
        data = self.cluster.secret(self.environment.servers, name) or {}
        if key not in data:
            raise CheckFailed(f"Secret {name} has no key {key}: run `make secrets`")
        return data[key].decode()


def expect(condition: bool, otherwise: str) -> None:
    """Fail the check unless the condition holds."""
    if not condition:
        raise CheckFailed(otherwise)


def ok(response: httpx.Response) -> httpx.Response:
    """The response itself, or a failed check with the server's own words."""
    expect(
        response.is_success,
        f"{response.request.method} {response.url.path} answered {response.status_code}: {response.text[:300]}",
    )
    return response
