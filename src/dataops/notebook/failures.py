"""What went wrong in a cell, as one sentence: the platform's own errors, Java's, and a driver that is gone."""

from __future__ import annotations

import errno
import importlib
import re
import socket
import sys
from typing import Any

from dataops.errors import UserError
from dataops.notebook import limits

_CAUSE = re.compile(r"^(?:Caused )?by: [\w.$]+: (.*)|^: [\w.$]+: (.*)", re.MULTILINE)


def java_reason(error: BaseException) -> str:
    """Return the words of the innermost cause in an error of Spark's JVM."""
    causes = _CAUSE.findall(str(error))
    reason = next((words for words in causes[-1] if words), "") if causes else ""
    return (reason or str(error).splitlines()[0])[:300]


def handle(shell: Any, kind: type, error: BaseException, trace: Any, tb_offset: int | None = None) -> None:
    """Show a cell's error: one sentence where the platform knows what happened, else what IPython shows."""
    sentence = explain(error)
    if sentence is None:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    else:
        sys.last_value = error
        shell._showtraceback(kind, error, [f"error: {sentence}"])


def explain(error: BaseException) -> str | None:
    """Return the sentence for an error, or None for one that speaks for itself."""
    if isinstance(error, UserError):
        return str(error)
    if _is(error, "py4j.protocol", "Py4JJavaError"):
        return _java(str(error), java_reason(error))
    if _is(error, "mlflow.exceptions", "MlflowException"):
        return str(importlib.import_module("dataops.mlflow").sentence(error))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"no room is left there ({error}); in a terminal `du -ah ~ | sort -h | tail` shows what to delete,"
            " and data belongs in the lake"
        )
    if _driver_is_gone():
        return limits.end_of("the Spark driver of this kernel", "restart the kernel")
    return None


def _is(error: BaseException, module: str, name: str) -> bool:
    """Whether an error is of a class whose module only those import who use it."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(error, kind)


def _java(text: str, reason: str) -> str:
    if "OutOfMemoryError" in text:
        return (
            f"Spark's driver has no memory left for this ({reason}); take fewer rows with .limit(n) or aggregate first,"
            f" or {limits.larger_profile()}, and restart the kernel"
        )
    if "spark.driver.maxResultSize" in text:
        return (
            f"the result is too large for the notebook ({reason}); take fewer rows with .limit(n), look at some with"
            f" show_sample(df), aggregate first, or {limits.larger_profile()}"
        )
    if "Parquet column cannot be converted" in text or "CANNOT_MERGE" in text:
        return (
            f"files of one folder have different columns ({reason}); read the folder with read_s3_parquet(spark, path),"
            " which names them"
        )
    return f"Spark could not do this ({reason}); print(sys.last_value) shows Java's own words"


def _driver_is_gone() -> bool:
    """Say whether Spark has started in this kernel and its JVM does not listen any more."""
    pyspark = sys.modules.get("pyspark")
    gateway = pyspark and pyspark.SparkContext._gateway
    if not gateway:
        return False
    try:
        socket.create_connection(("127.0.0.1", gateway.java_parameters.port), timeout=1).close()
    except OSError:
        return True
    return False
