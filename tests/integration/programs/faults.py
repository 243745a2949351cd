"""Faults between a program and its services: a proxy in front of the store, a relay in front of the catalog."""

import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dataops.config import Settings, export, variable
from tests.faulty_proxy import Fault, Proxy, Rule, cut, cut_after, faulty_proxy
from tests.integration.relay import Relay, relay

MUTATING = "PUT|POST|DELETE"


@dataclass
class Faults:
    """The two ways, and what is lost on them."""

    store: Proxy
    catalog: Relay

    def arm(self, what: str, number: int, when: str, how: str) -> None:
        """Lose a connection at this step from now, and no other any more.

        Args:
            what: The `store` or the `catalog`; anything else loses none.
            number: Which request that changes the store, or which message to the catalog, from 1.
            when: `before` the service has it, or `after` it has answered.
            how: `once`, or `lasting`: the service then stays out of reach.
        """
        self.catalog.arm(number if what == "catalog" else 0, when, how)
        self.store.rules[:] = []
        if what == "store":
            due = (lambda seen: seen >= number) if how == "lasting" else (lambda seen: seen == number)
            fault: Fault = cut if when == "before" else cut_after
            self.store.rules[:] = [Rule(fault, method=MUTATING, when=due)]

    def disarm(self) -> None:
        """Let everything through."""
        self.arm("nothing", 0, "", "")
        self.catalog.then = lambda: None

    def reached(self, what: str) -> bool:
        """Whether the step came at all."""
        if what == "catalog":
            return self.catalog.reached()
        return any(rule.happened for rule in self.store.rules)


@contextmanager
def between() -> Iterator[Faults]:
    """Put the two ways between this process, with what it starts, and its services."""
    settings = Settings.load()
    bundle, catalog = settings.ca_bundle(), urlsplit(settings.lake_catalog_uri or "")
    trust = ssl.create_default_context(cafile=bundle) if bundle else None
    assert settings.s3_endpoint_url and catalog.port
    with faulty_proxy(settings.s3_endpoint_url, [], trust) as store, relay(catalog.port) as way:
        passwords = Path(tempfile.mkdtemp()) / "pgpass"
        passwords.touch(mode=0o600)
        if given := variable("PGPASSFILE"):
            passwords.write_text(Path(given).read_text().replace(f":{catalog.port}:", f":{way.port}:"))
        export(
            S3_ENDPOINT_URL=store.url,
            LAKE_CATALOG_URI=f"postgresql://127.0.0.1:{way.port}{catalog.path}",
            PGPASSFILE=str(passwords),
        )
        yield Faults(store, way)
