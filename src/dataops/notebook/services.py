"""Whether what a notebook works with answers: asked over the network, in a moment, with nothing heavy imported."""

from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dataops.errors import UserError

if TYPE_CHECKING:
    from dataops.config import Settings

SECONDS = 3
_PORTS = {"https": 443, "http": 80, "spark": 7077, "postgresql": 5432}


@dataclass(frozen=True)
class Service:
    """Something that a notebook works with.

    Attributes:
        name: what people call it, with its version.
        place: its address.
        trouble: why it does not answer; empty where it does.
    """

    name: str
    place: str
    trouble: str


def services(settings: Settings) -> list[Service]:
    """Ask Spark's master, the store, the catalog and MLflow, all at once, each for no longer than three seconds."""
    asked: list[tuple[str, str | None, Callable[[Settings, str], None]]] = [
        (f"Spark {_version('pyspark')}", settings.spark_master_url, _spark),
        ("S3", settings.s3_endpoint_url, _http),
        ("table catalog", settings.lake_catalog_uri, _port),
        (f"MLflow {_version('mlflow-skinny')}", settings.mlflow_tracking_uri, _mlflow),
    ]
    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(lambda one: _ask(settings, *one), asked))


def _ask(settings: Settings, name: str, place: str | None, check: Callable[[Settings, str], None]) -> Service:
    if place is None:
        return Service(name, "-", "it is not set up here")
    try:
        check(settings, place)
    except (OSError, UserError) as error:
        reason = getattr(error, "reason", None) or error
        return Service(name, place, f"it does not answer ({str(reason) or type(error).__name__})")
    return Service(name, place, "")


def _spark(settings: Settings, url: str) -> None:
    if not url.startswith("local"):
        _port(settings, url.removeprefix("k8s://").split(",")[0])


def _port(settings: Settings, url: str) -> None:
    parts = urlsplit(url if "://" in url else f"https://{url}")
    socket.create_connection((str(parts.hostname), parts.port or _PORTS[parts.scheme]), SECONDS).close()


def _mlflow(settings: Settings, url: str) -> None:
    _http(settings, f"{url.rstrip('/')}/health")


def _http(settings: Settings, url: str) -> None:
    bundle = settings.ca_bundle()
    trust = ssl.create_default_context(cafile=str(bundle) if bundle else None)
    try:
        # the address is a setting that is checked to be http or https
        urllib.request.urlopen(url, timeout=SECONDS, context=trust).close()  # nosec B310 - see the line above
    except urllib.error.HTTPError as answer:
        if answer.code >= 500:
            raise OSError(f"it answers {answer.code}") from None


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "(not installed)"
