"""Starts the containers once for all integration tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from testcontainers.core.config import testcontainers_config

from dataops.config import Settings
from dataops.platform.images.builder import build
from tests.integration.engine import container_service
from tests.integration.services import ROOT, Services, container, services

PROGRAMS = Path(__file__).parent / "programs"
TRUST = "-Djavax.net.ssl.trustStore=/etc/dataops/ca/truststore.p12 -Djavax.net.ssl.trustStoreType=PKCS12"


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


@pytest.fixture
def spark(catalog: Services, images: dict[str, str]) -> Callable[..., str]:
    """Return a function that runs a program in the spark image as an account and returns what it printed."""

    def run(account: str, *command: str) -> str:
        bundle = "/etc/dataops/ca/ca-bundle.crt"
        environment = catalog.environment(account) | {
            "DATAOPS_CA_BUNDLE": bundle,
            "PGSSLROOTCERT": bundle,
            "SPARK_MASTER_URL": "local[2]",
            "JAVA_TOOL_OPTIONS": TRUST,
        }
        del environment["PGPASSFILE"]  # the image's entrypoint makes it from the mounted Secret
        secret = catalog.folder / f"secret-{account}"
        secret.mkdir(exist_ok=True)
        (secret / "pgpass").write_text(catalog.pgpass(f"lake_{account}").read_text(encoding="utf-8"), encoding="utf-8")
        mounts = {PROGRAMS: "/programs", catalog.folder / "ca": "/etc/dataops/ca", secret: "/etc/dataops/catalog"}
        # podman puts a file system of its own over /run, where a tmpfs of ours would be root's alone
        memory = catalog.folder / f"run-{account}"
        memory.mkdir(exist_ok=True)
        memory.chmod(0o777)
        with container(images["spark"], ["python", *command], mounts, environment, {memory: "/run/dataops"}) as started:
            code = started.get_wrapped_container().wait(timeout=400)["StatusCode"]
            out, err = (stream.decode() for stream in started.get_logs())
        assert code == 0, f"{out}\n{err}"
        return str(out)

    return run
