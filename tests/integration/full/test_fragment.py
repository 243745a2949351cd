"""What `s3 check` prints goes into an environment file; with what the chart makes of it the sample pipeline runs."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import yaml
from moto.backends import get_backend
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from dataops.config import Settings
from dataops.s3 import S3Client
from dataops.s3.check import check, fragment
from dataops.s3.check.passed import with_passed
from dataops.testing.faulty_s3 import Fault, FaultyS3
from tests.charts.harness import Variant, template
from tests.integration.gateway import gateway
from tests.integration.services import Services
from tests.integration.sparks import make_catalog, run_in_spark, served
from tests.mlflow import server as mlflow
from tests.unit.s3.checked import settings_of

# what the chart's ConfigMap says of the cluster and not of the store
OF_THE_CLUSTER = ("MLFLOW_TRACKING_URI", "LAKE_CATALOG_URI", "JAVA_TOOL_OPTIONS", "SPARK_MASTER_URL", "PIP_INDEX_URL")


@contextmanager
def minio(services: Services) -> Iterator[Settings]:
    """The store of ENV=local, over TLS, with a job's own key."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in services.environment("job").items():
            patch.setenv(name, value)
        yield Settings.load()


@contextmanager
def moto(services: Services) -> Iterator[Settings]:
    """A store that verifies nothing."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        settings = Settings.model_construct(
            s3_endpoint_url=f"http://{host}:{port}",
            s3_access_key_id=SecretStr("testing"),
            s3_secret_access_key=SecretStr("testing"),
        )
        S3Client(settings).boto.create_bucket(Bucket=settings.s3_bucket)
        yield settings
    finally:
        server.stop()
        get_backend("s3").reset()  # stopping keeps the objects for the next server of this process


@contextmanager
def versitygw(services: Services) -> Iterator[Settings]:
    """A store that shares no code with MinIO."""
    with gateway() as settings:
        yield settings


@contextmanager
def v2_only(services: Services) -> Iterator[Settings]:
    """A store that knows the older signature only; the settings say the newer one until they are corrected."""
    with FaultyS3([Fault.V2_ONLY]) as store:
        yield settings_of(store)


STORES: tuple[Callable[[Services], AbstractContextManager[Settings]], ...] = (minio, versitygw, moto, v2_only)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("store", STORES, ids=lambda store: store.__name__)
def test_the_sample_pipeline_runs(
    store: Callable[[Services], AbstractContextManager[Settings]], images: dict[str, str], tmp_path: Path
) -> None:
    with served(images) as services, store(services) as settings:
        make_catalog(services)
        passed = check(settings).settings
        assert passed["signatureVersion"] == ("s3" if store is v2_only else "s3v4")
        environment = _environment(fragment(passed), tmp_path, settings)
        server = {name: value for name, value in environment.items() if name.startswith(("AWS_", "MLFLOW_"))}
        server["MLFLOW_ARTIFACTS_DESTINATION"] = f"s3://{settings.s3_bucket}/mlflow"
        server["AWS_CA_BUNDLE"] = str(services.folder / "ca/ca-bundle.crt")  # the pods' is of the image
        with mlflow.served(tmp_path, store=server) as tracking:
            also = environment | tracking.as_job()
            said = run_in_spark(services, images["spark"], "job", "-m", "tests.integration.programs.sample", also=also)
        assert json.loads(said.rpartition("RESULT ")[2]) == {"silver": [], "gold": [], "model": "Pipeline"}
        assert S3Client(with_passed(settings, passed)).list_objects("mlflow/")


def _environment(found: str, folder: Path, settings: Settings) -> dict[str, str]:
    """What pods of each namespace get where an environment file holds the fragment, with a key of the store."""
    facts = folder / "facts.yaml"
    facts.write_text(found, encoding="utf-8")
    done = template(Variant("platform", "local"), f"--values={facts}")
    assert done.returncode == 0, done.stderr
    data = next(
        one["data"]
        for one in yaml.safe_load_all(done.stdout)
        if one and one["kind"] == "ConfigMap" and one["metadata"]["name"] == "dataops-env"
    )
    key, secret = settings.s3_keys()
    keys = {f"{kind}_ACCESS_KEY_ID": key for kind in ("S3", "AWS")}
    keys |= {f"{kind}_SECRET_ACCESS_KEY": secret for kind in ("S3", "AWS")}
    return {name: str(value) for name, value in data.items() if name not in OF_THE_CLUSTER} | keys
