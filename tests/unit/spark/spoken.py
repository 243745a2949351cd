"""A session with two executors in processes of their own; run as a program, it works and prints what came of it.

Executors reach the driver through a relay that keeps what passes: 127.0.0.2 leads to the driver's own 127.0.0.1.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CANARY = "5f1d7e90b3c2a486-canary-684a2c3b09e7d1f5"
SECRET = "of-this-session-alone"
RELAY, DRIVER = "127.0.0.2", "127.0.0.1"
STRANGER_SECONDS = 90


def relay(port: int, heard: list[bytes]) -> None:
    """Hand on what is sent to a port of the relay, and keep it."""
    listener = socket.create_server((RELAY, port))

    def copy(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(1 << 16):
                heard.append(data)
                target.sendall(data)
        except OSError:
            pass  # one of them has ended
        target.close()

    def serve() -> None:
        while True:
            near, _ = listener.accept()
            far = socket.create_connection((DRIVER, port))
            for pair in ((near, far), (far, near)):
                threading.Thread(target=copy, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


def free_port() -> int:
    """A port that nobody listens on at the relay's address, nor at the driver's."""
    with socket.create_server((DRIVER, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def join(port: int, application: str, secret: str | None) -> str:
    """Start an executor that nobody has asked for; return its exit code and what it says."""
    import pyspark

    command = [
        *(f"{Path(pyspark.__file__).parent}/bin/spark-class", "org.apache.spark.executor.CoarseGrainedExecutorBackend"),
        *("--driver-url", f"spark://CoarseGrainedScheduler@{DRIVER}:{port}", "--executor-id", "99"),
        *("--hostname", DRIVER, "--cores", "1", "--app-id", application),
    ]
    environment = {**os.environ, "SPARK_LOCAL_IP": DRIVER}
    if secret:
        options = "-Dspark.authenticate=true -Dspark.network.crypto.enabled=true"
        environment |= {"SPARK_EXECUTOR_OPTS": options, "_SPARK_AUTH_SECRET": secret}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=STRANGER_SECONDS
    )
    return f"{done.returncode} {done.stderr}"


def work(spark: SparkSession) -> int:
    """Send the canary to the executors and have them send it back."""
    names = spark.createDataFrame([(number, f"{CANARY}-{number}") for number in range(10)], "id long, name string")
    joined = spark.range(1000).selectExpr("id % 10 as id").join(names.hint("broadcast"), "id")
    return len(joined.repartition(4, "name").where("length(name) > 3").collect())


def main(folder: Path, options: dict[str, str]) -> None:
    """Work with these options, and print what was heard and which strangers came in."""
    from dataops.config import Settings
    from dataops.spark.session import create_spark_session

    heard: list[bytes] = []
    ports = free_port(), free_port()
    for port in ports:
        relay(port, heard)
    conf = {
        "spark.master": "local-cluster[2,1,512]",
        "spark.executor.memory": "512m",
        "spark.driver.host": RELAY,
        "spark.driver.bindAddress": DRIVER,
        "spark.driver.port": str(ports[0]),
        "spark.driver.blockManager.port": str(ports[1]),
        "spark.ui.enabled": "false",
        "spark.local.dir": str(folder),
        "spark.sql.adaptive.enabled": "false",
    }
    settings = Settings.model_construct(spark_master_url="local[2]")
    with create_spark_session("spoken", settings=settings, conf=conf | options) as spark:
        rows = work(spark)
        application = spark.sparkContext.applicationId
        strangers = [join(ports[0], application, secret) for secret in (None, "guessed")] if options else []
        executors = spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1  # one is the driver
    said = b"".join(heard)
    print(
        json.dumps(
            {
                "rows": rows,
                "bytes": len(said),
                "canary": said.count(CANARY.encode()),
                "executors": executors,
                "strangers": strangers,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
