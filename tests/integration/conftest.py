"""Starts the containers once for all integration tests."""

import os
from collections.abc import Callable, Iterator

import pytest
from testcontainers.core.config import testcontainers_config

from dataops.config import Settings
from dataops.platform.images.builder import build
from tests.integration.engine import container_service
from tests.integration.services import ROOT, Services, services


@pytest.fixture(scope="session")
def images() -> dict[str, str]:
    """Build what is missing of the images; what is there already is left alone."""
    return build(ROOT, ["postgres", "minio", "spark"])


@pytest.fixture(scope="session")
def platform(images: dict[str, str]) -> Iterator[Services]:
    """Serve PostgreSQL and S3 on loopback."""
    testcontainers_config.ryuk_disabled = True  # it is an image to pull; what is started here is stopped here
    with container_service() as address:
        before = os.environ.get("DOCKER_HOST")
        os.environ["DOCKER_HOST"] = address
        try:
            with services(images) as made:
                yield made
        finally:
            os.environ.pop("DOCKER_HOST")
            if before is not None:
                os.environ["DOCKER_HOST"] = before


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
    """Make the catalog's tables, twice: the second time changes nothing."""
    from dataops.tables.migrate import migrate

    with pytest.MonkeyPatch.context() as patch:
        for name, value in platform.environment("owner").items():
            patch.setenv(name, value)
        migrate(Settings.load())
        migrate(Settings.load())
    return platform
