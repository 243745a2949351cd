"""A spare: starts a driver JVM as a session would, warms it, and ends when a kernel took it or the server ended."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path
from typing import Any

from dataops.config import Settings
from dataops.errors import UserError
from dataops.jupyter import handover
from dataops.spark.session import driver_options, export_environment

# The first time Java loads the code, the second time it compiles what begins and ends a session.
WARM_SESSIONS, WARM_QUERIES = 2, 3


def main(path: Path) -> int:
    """Offer one JVM at a path.

    Returns:
        The exit code: 0 when it was taken or the server ended, 1 when there is none to offer.
    """
    listener = handover.listen(path)
    try:
        settings = Settings.load()
        export_environment(settings)
        key = handover.fingerprint(settings)
        gateway = launch(settings)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not _ready(listener):
        warm(gateway, settings)
    print("Spark waits, warm, for the next kernel", flush=True)
    java = gateway.java_parameters

    def keep() -> bool:
        return gateway.proc.poll() is None and not _ready(sys.stdin)

    handover.offer(listener, key, java.port, java.auth_token, gateway.proc.stdin.fileno(), keep)
    return 0 if gateway.proc.poll() is None else 1


def launch(settings: Settings, words: int | None = None) -> Any:
    """Start a JVM by PySpark's own means, with the options of a session.

    Args:
        settings: Where things are.
        words: The file descriptor that takes what Java says; by default this process's own.

    Returns:
        PySpark's gateway to it.
    """
    from pyspark import SparkConf
    from pyspark.java_gateway import launch_gateway

    options = driver_options(settings, "notebook")
    conf = SparkConf(loadDefaults=False).setAll(list(options.items()))
    to = {"stdout": words, "stderr": words}
    return launch_gateway(conf, to)  # type: ignore[no-untyped-call]  # PySpark types only part of itself


def warm(gateway: Any, settings: Settings) -> None:
    """Run small queries in sessions that end again, so that Java has loaded and compiled what a session needs.

    They have a session's options, but neither its master nor its store and catalog: nothing leaves this machine.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    alone = {"spark_master_url": "local[*]", "s3_endpoint_url": None, "lake_catalog_uri": None}
    options = driver_options(settings.model_copy(update=alone), "warm")
    options |= {"spark.driver.host": "127.0.0.1", "spark.ui.port": "0"}
    conf = SparkConf(loadDefaults=False, _jvm=gateway.jvm).setAll(list(options.items()))
    for _ in range(WARM_SESSIONS):
        session = SparkSession(SparkContext(gateway=gateway, conf=conf))
        for _ in range(WARM_QUERIES):
            session.range(10).count()
            session.sql("select id % 7 as k, count(*) as n from range(1000) group by 1").collect()
        session.stop()


def _ready(source: Any) -> bool:
    return bool(select.select([source], [], [], 0)[0])


if __name__ == "__main__":
    code = main(Path(sys.argv[1]))
    sys.stderr.flush()
    os._exit(code)  # Python would tell the JVM that its owner is gone
