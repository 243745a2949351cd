"""The kernel's side of a warm start: it takes the spare JVM of its server, where there is one for it."""

from __future__ import annotations

from pathlib import Path

from dataops.config import Settings, export, variable, withdraw


def attach(settings: Settings) -> bool:
    """Give this process's Spark the server's spare JVM; without one Spark starts its own.

    Returns:
        Whether it has a spare now.

    Raises:
        UserError: there is no Java, or no key for the store.
    """
    from pyspark import SparkContext

    server = variable("JPY_PARENT_PID")
    if SparkContext._gateway is not None or not server:
        return False
    from dataops.jupyter import handover
    from dataops.spark.session import export_environment

    export_environment(settings)  # the spare's environment is one that a session has
    taken = handover.take(handover.socket_path(int(server)), handover.fingerprint(settings))
    if taken is None:
        return False
    port, secret = taken
    export(PYSPARK_GATEWAY_PORT=str(port), PYSPARK_GATEWAY_SECRET=secret)
    try:
        SparkContext._ensure_initialized()
    finally:
        withdraw("PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET")
    jvm = SparkContext._jvm
    assert jvm is not None  # it was set with the gateway
    # paths without a folder are meant from where the notebook is, not from where the server is
    jvm.java.lang.System.setProperty("user.dir", str(Path.cwd()))
    jvm.org.apache.hadoop.fs.FileSystem.closeAll()
    return True
