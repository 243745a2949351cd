"""create_spark_session: one call that knows the master, the store, the catalog and the pod it runs in."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dataops.config import Settings, export, variable
from dataops.errors import UserError
from dataops.spark.conf import spark_conf
from dataops.spark.java import class_archive, ensure_java
from dataops.spark.pods import write_executor_template

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_logged: list[str] = []
_PORTS = {"https": 443, "http": 80, "spark": 7077}


def create_spark_session(
    app_name: str | None = None, *, settings: Settings | None = None, conf: Mapping[str, str] | None = None
) -> SparkSession:
    """Return the running session of this process, or start one.

    Args:
        app_name: what the application is called in the history server.
        settings: where things are; by default what the environment says.
        conf: further Spark options, which win over those of the platform.

    Raises:
        UserError: Java, the master, the store or a setting is missing or wrong.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None:
        return running
    settings = settings or Settings.load()
    options = driver_options(settings, app_name or "dataops") | dict(conf or {})
    _check_master(settings.spark_master_url)
    export_environment(settings)
    if settings.s3_endpoint_url:
        _prepare_s3(settings, event_log=options["spark.eventLog.enabled"] == "true")
    builder = SparkSession.builder
    for name, value in options.items():
        builder = builder.config(name, value)
    try:
        if settings.spark_master_url.startswith("spark://"):
            # Spark wants it in the driver's configuration; the JVM starts first, so that no command line shows it
            SparkContext._ensure_initialized(conf=SparkConf().setAll(list(options.items())))
            builder = builder.config("spark.authenticate.secret", variable("_SPARK_AUTH_SECRET") or "")
        session = builder.getOrCreate()
    except Exception as error:  # whatever Spark's JVM throws at its start
        reason = str(error).strip().splitlines()[0][:300]
        raise UserError(
            f"Spark did not start with master {settings.spark_master_url} ({reason}); the log above says more"
        ) from error
    if settings.s3_endpoint_url and options["spark.eventLog.enabled"] == "true":
        _logged.append(session.sparkContext.applicationId)
    return session


def logged_applications() -> list[str]:
    """Return the ids of the applications of this process whose event logs lie in the store, in the order of start."""
    return list(_logged)


def driver_options(settings: Settings, app_name: str) -> dict[str, str]:
    """Return the options of a driver in this process.

    Raises:
        UserError: the master needs a setting that is missing.
    """
    from pyspark import __version__

    template = write_executor_template() if settings.spark_master_url.startswith("k8s://") else None
    return spark_conf(
        settings,
        app_name=app_name,
        spark_version=__version__,
        executor_template=template,
        class_archive=class_archive(),
    )


def export_environment(settings: Settings) -> None:
    """Set what the driver's JVM reads from its environment when it starts; doing it again changes nothing.

    Raises:
        UserError: there is no Java, or no key for the store.
    """
    ensure_java()
    if settings.s3_endpoint_url:
        key, secret = settings.s3_keys()
        # Spark's driver hands the keys of its environment to the executors at run time: they are in no configuration
        export(AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret)
    if settings.pod_ip or settings.spark_master_url.startswith("local"):
        export(SPARK_LOCAL_IP="127.0.0.1")  # the UI, which knows no log-in, listens there only
    if not variable("PYSPARK_PYTHON"):
        export(PYSPARK_PYTHON=sys.executable)  # Spark's own choice, the first python3 of PATH, may be another version


def _check_master(url: str) -> None:
    if url.startswith("local"):
        return
    first = url.removeprefix("k8s://").split(",")[0]
    parts = urlsplit(first if "://" in first else f"https://{first}")
    if parts.scheme == "spark" and not variable("_SPARK_AUTH_SECRET"):
        raise UserError(
            "_SPARK_AUTH_SECRET is not set; give the pod the Secret spark-standalone, or use another master"
        )
    try:
        socket.create_connection((parts.hostname, parts.port or _PORTS[parts.scheme]), timeout=5).close()
    except (OSError, KeyError) as error:
        raise UserError(f"the Spark master {url} cannot be reached ({error}); check SPARK_MASTER_URL") from None


def _prepare_s3(settings: Settings, *, event_log: bool) -> None:
    from dataops.s3 import S3Client

    client = S3Client(settings)
    if not event_log:
        client.check_connectivity()
    elif not client.list_objects("spark-events/.folder"):
        client.write_bytes("spark-events/.folder", b"")  # Spark wants the folder of its event log to exist
