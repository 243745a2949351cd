"""Spark as the image has it: made of the development environment's by the scripts of the image, jars and archive."""

import hashlib
import shutil
import sys
from pathlib import Path

import pyspark

from bench.jars import locked_jars
from dataops.config import variable
from dataops.platform.paths import cache_dir, repository_root
from dataops.platform.process import run, step


def spark_home() -> Path:
    """Return Spark's folder for a driver that starts as one in the image does; made once per version and recipe."""
    scripts = repository_root() / "images" / "spark"
    package = Path(pyspark.__file__).parent
    java = run([Path(variable("JAVA_HOME") or "/usr") / "bin" / "java", "-Xinternalversion"]).stdout
    sources = sorted(path for folder in ("archive", "build") for path in (scripts / folder).iterdir() if path.is_file())
    made_of = [java.encode(), pyspark.__version__.encode(), *(path.read_bytes() for path in sources)]
    home = cache_dir() / "bench" / f"spark-{hashlib.sha256(b''.join(made_of)).hexdigest()[:12]}"
    if not (home / "conf" / "spark-defaults.conf").is_file():
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(package / "bin", home / "bin")
        with step("make Spark's jars and the archive of its classes as the image has them, once"):
            lacking = locked_jars()[0].parent
            run([sys.executable, scripts / "build" / "slim_jars.py", home / "jars", package / "jars", lacking])
            environment = {"PYSPARK_PYTHON": sys.executable}
            run([scripts / "archive" / "make-archive", home, home / "archive"], env=environment)
    return home
