"""Spark in its own image, over TLS: a job as people write them runs unchanged."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from dataops.config import Settings
from dataops.s3 import S3Client
from tests.integration.services import Services, container

SignIn = Callable[[str], Settings]
PROGRAMS = Path(__file__).parent / "programs"
TRUST = "-Djavax.net.ssl.trustStore=/etc/dataops/ca/truststore.p12 -Djavax.net.ssl.trustStoreType=PKCS12"


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


def test_a_job_of_the_usual_shape_runs_unchanged(sign_in: SignIn, spark: Callable[..., str]) -> None:
    s3 = S3Client(sign_in("job"))
    events = pd.DataFrame({"id": [1, 2, 3, 4], "value": [1.5, -1.0, None, 2.0], "name": ["a", "b", "c", None]})
    s3.write_parquet(events, "bronze/events/part-0.parquet")
    spark("job", "/programs/job.py")
    assert s3.read_parquet("sandbox/events").to_dict("records") == [{"id": 1, "value": 1.5, "name": "a"}]
    assert s3.list_objects("spark-events/eventlog_v2_")
