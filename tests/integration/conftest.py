"""Starts the containers once for all integration tests."""

from collections.abc import Callable, Iterator

import pytest

from dataops.config import Settings
from dataops.platform.images.builder import build
from tests.integration.services import ROOT, Services
from tests.integration.sparks import make_catalog, run_in_spark, served


@pytest.fixture(scope="session")
def images() -> dict[str, str]:
    """Build what is missing of the images; what is there already is left alone."""
    return build(ROOT, ["postgres", "minio", "spark"])


@pytest.fixture(scope="session")
def platform(images: dict[str, str]) -> Iterator[Services]:
    """Serve PostgreSQL and S3 on loopback."""
    with served(images) as made:
        yield made


@pytest.fixture
def sign_in(platform: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Settings]:
    """Return a function that makes this process an account of the platform."""

    def become(account: str) -> Settings:
        for name, value in platform.environment(account).items():
            monkeypatch.setenv(name, value)
        return Settings.load()

    return become


@pytest.fixture(scope="session")
def catalog(platform: Services) -> Services:
    """Return the services with a catalog in them."""
    make_catalog(platform)
    return platform


@pytest.fixture
def spark(catalog: Services, images: dict[str, str]) -> Callable[..., str]:
    """Return a function that runs Python in the spark image as an account and returns what it printed."""

    def run(account: str, *command: str, patience: int = 400) -> str:
        return run_in_spark(catalog, images["spark"], account, *command, patience=patience)

    return run
