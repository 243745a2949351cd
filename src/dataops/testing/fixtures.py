"""Pytest fixtures: a local Spark session, and a bucket of an S3 store in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest

from dataops.config import Settings
from dataops.s3 import S3Client
from dataops.spark.session import create_spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def local_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Start one small Spark session of this process, without S3 and without catalog."""
    # nothing of the environment: a developer's own settings must not decide what a test does
    settings = Settings.model_construct(spark_master_url="local[2]")
    folder = tmp_path_factory.mktemp("spark")
    conf = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder),
        "spark.local.dir": str(folder),
    }
    session = create_spark_session("tests", settings=settings, conf=conf)
    yield session
    session.stop()


@pytest.fixture
def single_machine() -> Iterator[SparkSession]:
    """Open a session of one machine: until its end `dataops.engine.functions` are its own."""
    from dataops.engine.single import single_session

    with single_session() as session:
        yield cast("SparkSession", session)


@pytest.fixture(params=["spark", "single"])
def engine_session(request: pytest.FixtureRequest) -> SparkSession:
    """Run a test twice: on a local Spark and on one machine; a transform has to pass both."""
    session: SparkSession = request.getfixturevalue("local_spark" if request.param == "spark" else "single_machine")
    return session


@pytest.fixture
def s3_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Serve an empty bucket `data-lake` on loopback and name it in the environment."""
    from moto.backends import get_backend
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("S3_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("S3_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("S3_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("DATAOPS_CA_BUNDLE", raising=False)
    settings = Settings.load()
    S3Client(settings).boto.create_bucket(Bucket=settings.s3_bucket)
    yield settings
    server.stop()
    get_backend("s3").reset()  # stopping keeps the objects for the next server of this process


@pytest.fixture
def s3(s3_settings: Settings) -> S3Client:
    """Return a client of that store."""
    return S3Client(s3_settings)
