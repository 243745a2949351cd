"""The kernel's JVM: the spare of its server, where there is one for it, else one of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from dataops.config import Settings, export, variable, withdraw
from dataops.errors import UserError


def attach(settings: Settings) -> None:
    """Give this process's Spark a JVM, unless it has one.

    Raises:
        UserError: there is no Java, it does not start, or there is no key for the store.
    """
    from pyspark import SparkContext

    if SparkContext._gateway is not None:
        return
    from dataops.spark.session import export_environment

    export_environment(settings)  # the spare's environment is one that a session has
    if not _take_spare(settings):
        _start(settings)


def _start(settings: Settings) -> None:
    from pyspark import SparkContext
    from pyspark.errors import PySparkRuntimeError

    from dataops.jupyter.spare import launch

    try:
        words = sys.stderr.fileno()  # of a kernel this is its server's log: Java's words are nothing for a cell
    except (AttributeError, OSError):  # a cell has put something else there
        words = None
    try:
        SparkContext._ensure_initialized(gateway=launch(settings, words))
    except PySparkRuntimeError as error:
        raise UserError(f"Java did not start for Spark ({error}); the log of your server says why") from error


def _take_spare(settings: Settings) -> bool:
    from pyspark import SparkContext

    from dataops.jupyter import handover

    server = variable("JPY_PARENT_PID")
    taken = server and handover.take(handover.socket_path(int(server)), handover.fingerprint(settings))
    if not taken:
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
