"""The services with a catalog in them, and programs in the spark image beside them; the bench uses them, too."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from dataops.config import Settings
from tests.integration.engine import container_service
from tests.integration.services import ROOT, Services, container, services

TRUST = "-Djavax.net.ssl.trustStore=/etc/dataops/ca/truststore.p12 -Djavax.net.ssl.trustStoreType=PKCS12"


@contextmanager
def served(images: dict[str, str]) -> Iterator[Services]:
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


def make_catalog(made: Services) -> None:
    """Make the catalog's tables, twice: the second time changes nothing."""
    from dataops.tables.migrate import migrate

    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment("owner").items():
            patch.setenv(name, value)
        migrate(Settings.load())
        migrate(Settings.load())


def run_in_spark(
    made: Services,
    image: str,
    account: str,
    *command: str,
    patience: int = 400,
    also: Mapping[str, str] | None = None,
) -> str:
    """Run Python in the image; the repository's tests and bench can be imported there.

    Args:
        made: PostgreSQL and S3.
        image: The spark image.
        account: `job` or `notebook`.
        command: What Python is told.
        patience: Seconds until it must have ended.
        also: Further variables, which go before the usual ones.

    Returns:
        What it printed.
    """
    bundle = "/etc/dataops/ca/ca-bundle.crt"
    environment = made.environment(account) | {
        "DATAOPS_CA_BUNDLE": bundle,
        "PGSSLROOTCERT": bundle,
        "SPARK_MASTER_URL": "local[2]",
        "JAVA_TOOL_OPTIONS": TRUST,
        "PYTHONPATH": "/repository",
        **(also or {}),
    }
    del environment["PGPASSFILE"]  # the image's entrypoint makes it from the mounted Secret
    secret = _folder(made, f"secret-{account}")
    (secret / "pgpass").write_text(made.pgpass(f"lake_{account}").read_text(encoding="utf-8"), encoding="utf-8")
    mounts = {ROOT / name: f"/repository/{name}" for name in ("tests", "bench")}
    mounts |= {made.folder / "ca": "/etc/dataops/ca", secret: "/etc/dataops/catalog"}
    # podman puts a file system of its own over /run, where a tmpfs of ours would be root's alone
    memory = _folder(made, f"run-{account}")
    memory.chmod(0o777)
    with container(image, ["python", *command], mounts, environment, {memory: "/run/dataops"}) as started:
        code = _exit_code(started, patience)
        out, err = (stream.decode() for stream in started.get_logs())
    assert code == 0, f"{out}\n{err}"
    return str(out)


def _exit_code(started: DockerContainer, patience: int) -> int:
    # asked now and then: as long as somebody waits through its socket, podman keeps a core busy
    container, deadline = started.get_wrapped_container(), time.monotonic() + patience
    while container.status != "exited":
        assert time.monotonic() < deadline, f"still {container.status} after {patience} seconds"
        time.sleep(0.5)
        container.reload()
    code: int = container.attrs["State"]["ExitCode"]
    return code


def _folder(made: Services, name: str) -> Path:
    folder = made.folder / name
    folder.mkdir(exist_ok=True)
    return folder
