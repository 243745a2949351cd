"""Two executors, of which one is told to go as Kubernetes does it; run as a program, it prints what it cost."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

PATIENCE_SECONDS = 120


def executors(application: str) -> list[int]:
    """The processes of an application's executors."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue  # it has just ended
        if application.encode() in words and b"org.apache.spark.executor.CoarseGrainedExecutorBackend" in words:
            found.append(int(path.parent.name))
    return found


def main(folder: Path, options: dict[str, str]) -> None:
    """Shuffle, let an executor go, use the shuffle once more."""
    from dataops.config import Settings
    from dataops.spark.session import create_spark_session

    conf = {
        "spark.master": "local-cluster[2,1,512]",
        "spark.executor.memory": "512m",
        "spark.ui.enabled": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": folder.as_uri(),
        "spark.sql.adaptive.enabled": "false",
    }
    settings = Settings.model_construct(spark_master_url="local[2]")
    with create_spark_session("leaving", settings=settings, conf=conf | options) as spark:
        application = spark.sparkContext.applicationId
        rows = spark.range(0, 100_000, 1, 8).repartition(8)._jdf.queryExecution().toRdd()
        first = rows.count()
        before = executors(application)
        os.kill(before[0], signal.SIGPWR)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while before[0] in executors(application) and time.monotonic() < deadline:
            time.sleep(0.2)
        gone = before[0] not in executors(application)
        print(json.dumps({"before": len(before), "gone": gone, "rows": [first, rows.count()]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
