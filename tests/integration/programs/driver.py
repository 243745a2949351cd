"""A Spark driver in a process of its own, which others tell what to publish and may kill at any moment."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from dataops import tables
from dataops.config import variable
from dataops.quality import NotNull
from dataops.spark.session import create_spark_session
from dataops.tables import Column, Table

ROWS = 100
COLUMNS = (Column("id", "bigint"), Column("month", "int"), Column("version", "int"), Column("text", "string"))
EXPECTED = (NotNull("id"), NotNull("text"))
KILLED = Table("silver.killed", COLUMNS, "tests", "One partition is replaced.", ("month",), (), ("id",), EXPECTED)
LONG, SHORT = 2000, 1
"""How many hashes the text of a row has: with `LONG` a file is uploaded in parts."""
CONF = {
    "spark.hadoop.fs.s3a.multipart.size": "5M",
    "spark.ui.enabled": "false",
    "spark.eventLog.enabled": "false",
}


def rows(spark: SparkSession, month: int, version: int, length: int) -> DataFrame:
    """The rows of a month in a version, in one partition of Spark; the same each time."""
    hashes = f"transform(sequence(1, {length}), k -> sha2(concat_ws('/', id, {month}, {version}, k), 256))"
    return spark.range(0, ROWS, 1, 1).selectExpr(
        "id", f"{month} month", f"{version} version", f"concat_ws('', {hashes}) text"
    )


def sum_of(frame: DataFrame) -> Any:
    """A number that no other rows have."""
    return frame.selectExpr("sum(xxhash64(id, month, version, text))").collect()[0][0]


def writable_home() -> str:
    """Spark's own folder as a worker of `local-cluster` wants it: it makes a folder there."""
    folder = Path(tempfile.mkdtemp())
    for entry in Path(variable("SPARK_HOME") or "").iterdir():
        (folder / entry.name).symlink_to(entry)
    return str(folder)


class Driver:
    """The other side of `main`: started at once, told and asked from here."""

    def __init__(self, master: str = "local[2]") -> None:
        """Start it; it becomes ready meanwhile."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.programs.driver"],
            env={**os.environ, "SPARK_MASTER_URL": master, "SPARK_HOME": writable_home()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # its JVM and whatever else it starts go with it
        )

    def tell(self, month: int, version: int, length: int = SHORT) -> None:
        """Let it publish a version of a month."""
        assert self._process.stdin
        print(json.dumps({"month": month, "version": version, "length": length}), file=self._process.stdin, flush=True)

    def answer(self) -> dict[str, Any] | None:
        """Wait for what it has to say about it; None when it is dead."""
        assert self._process.stdout
        found: dict[str, Any] | None = next(
            (json.loads(line) for line in self._process.stdout if line.startswith("{")), None
        )
        return found

    def publish(self, month: int, version: int, length: int = SHORT) -> None:
        """Let it publish a version of a month, which must succeed, with the rows that belong to it."""
        self.tell(month, version, length)
        assert self.answer() == {"rows": ROWS, "same": True}

    def kill(self) -> None:
        """End it and its JVM in the middle of whatever they do."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def children(self, word: str) -> set[int]:
        """The ids of its processes whose command line has a word."""
        found = set()
        for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
            try:
                with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
                    if os.getsid(pid) == self._process.pid and word in file.read():
                        found.add(pid)
            except OSError:
                continue  # it has ended
        return found


def main() -> None:
    """Publish what each line says, and answer how many rows readers find and whether they are those published."""
    with create_spark_session("driver", conf=CONF) as spark:
        spark.sparkContext.setLogLevel("OFF")
        for line in sys.stdin:
            told = json.loads(line)
            month, version = told["month"], told["version"]
            wanted = rows(spark, month, version, told["length"])
            tables.publish(wanted, KILLED, run=f"month/{month}/{version}")
            found = spark.table(f"lake.{KILLED.name}").where(f"month = {month} and version = {version}")
            print(json.dumps({"rows": found.count(), "same": sum_of(found) == sum_of(wanted)}), flush=True)


if __name__ == "__main__":
    main()
