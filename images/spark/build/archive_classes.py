"""Archive the classes that every Spark loads at its start, ready for Java to map: drivers and executors read and check none.

Beside Spark's jars it writes classes.jar, which only names them all in one order, and classes.jsa, Java's class data archive.
Java uses the archive where its class path begins with that jar and no jar has changed since; else it says nothing and loads.
"""

import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from pyspark.find_spark_home import _find_spark_home
from pyspark.sql import SparkSession


def main() -> None:
    """Write classes.jar and classes.jsa to Spark's folder, which must lie where it will run."""
    home = Path(_find_spark_home())
    list_jars(sorted(home.glob("jars/*.jar")), home / "classes.jar")
    load(home / "classes.jar", home / "classes.jsa")
    (home / "classes.jsa").chmod(0o644)


def list_jars(jars: list[Path], target: Path) -> None:
    """Write a jar that names others, which stands for all of them on a class path.

    Args:
        jars: Those it names, in a folder beside it.
        target: What to write.
    """
    line = "Class-Path: " + " ".join(f"{jar.parent.name}/{jar.name}" for jar in jars)
    # a line of a manifest holds 72 bytes, its end included
    folded = [line[:70], *(f" {line[begin:begin + 69]}" for begin in range(70, len(line), 69))]
    with zipfile.ZipFile(target, "w") as archive:
        entry = zipfile.ZipInfo("META-INF/MANIFEST.MF", (1980, 1, 1, 0, 0, 0))
        archive.writestr(entry, "\r\n".join(["Manifest-Version: 1.0", *folded, ""]))
    # an image gives all its files one date when it is complete, and the archive keeps the date of each jar
    status = jars[0].stat()
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


def load(listed: Path, archive: Path) -> None:
    """Run what sessions begin with; what Java loaded for it, it archives when it ends.

    Args:
        listed: The jar that names all others.
        archive: The file to write.
    """
    options = {
        "spark.driver.extraClassPath": str(listed),
        "spark.driver.extraJavaOptions": f"-XX:+UseSerialGC -XX:ArchiveClassesAtExit={archive} -Xlog:disable",
        "spark.ui.showConsoleProgress": "false",
    }
    builder: Any = SparkSession.builder.master("local[2]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    gateway = session.sparkContext._gateway
    session.range(10).count()
    session.sql("SELECT id % 7 AS k, count(*) AS n FROM range(1000) GROUP BY 1").collect()
    with tempfile.TemporaryDirectory() as folder:
        session.range(10).write.parquet(f"{folder}/numbers")
        session.read.parquet(f"{folder}/numbers").count()
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


if __name__ == "__main__":
    main()
