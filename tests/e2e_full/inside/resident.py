"""What somebody has who works: a file, a run in MLflow, Spark with an executor at work. Runs in a kernel, as text."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DIARY = "/home/dataops/diary.txt"
KERNEL = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
LISTENING = ("server", *KERNEL, "Spark's page", "Spark's driver", "Spark's driver, blocks", "an executor, blocks")
BUSY_SECONDS, STARTED_SECONDS = 1800, 120


def busy(context: Any) -> None:
    """Have an executor at work for longer than any test."""
    work = context.parallelize([BUSY_SECONDS], 1)
    threading.Thread(target=work.foreach, args=(time.sleep,), daemon=True).start()
    end = time.monotonic() + STARTED_SECONDS
    while not any(info.numRunningTasks() for info in context._jsc.sc().statusTracker().getExecutorInfos()):
        assert time.monotonic() < end, "no executor came"
        time.sleep(0.2)


def listening(context: Any) -> dict[str, tuple[str, int]]:
    """Where this server, its kernel, its Spark and its executor listen, as they themselves reach it."""
    from ipykernel.connect import get_connection_info

    mine, kernel = os.environ["POD_IP"], get_connection_info(unpack=True)
    assert isinstance(kernel, dict)
    members = context._jsc.sc().getExecutorMemoryStatus().keys().mkString(",").split(",")
    executor = next(one for one in members if not one.startswith(f"{mine}:"))
    host, _, port = executor.rpartition(":")
    return {
        "server": (mine, 8888),
        **{name: (str(kernel["ip"]), int(kernel[name])) for name in KERNEL},
        "Spark's page": ("127.0.0.1", urlsplit(context.uiWebUrl).port or 0),
        "Spark's driver": (mine, int(context.getConf().get("spark.driver.port"))),
        "Spark's driver, blocks": (mine, int(next(one for one in members if one != executor).rpartition(":")[2])),
        "an executor, blocks": (host, int(port)),
    }


def word(where: tuple[str, int]) -> str:
    """What comes of a connection."""
    try:
        socket.create_connection(where, timeout=5).close()
    except OSError as error:
        return str(error)
    return "open"


def main(spark: Any, mlflow: Any) -> dict[str, Any]:
    """Leave all of it.

    Returns:
        The run and its experiment, where everything listens, and whether that is open from here.
    """
    Path(DIARY).write_text("of nobody's business", encoding="utf-8")
    with mlflow.start_run(run_name="mine") as run:
        mlflow.log_metric("loss", 1.0)
    busy(spark.sparkContext)
    places = listening(spark.sparkContext)
    about = {"run": run.info.run_id, "experiment": run.info.experiment_id}
    return {**about, "listening": places, "open": {name: word(where) for name, where in places.items()}}
