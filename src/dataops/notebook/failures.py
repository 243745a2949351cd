"""What went wrong in a cell, as one sentence: the platform's own errors, Java's, and a driver that is gone."""

from __future__ import annotations

import re
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
        shell._showtraceback(kind, error, [f"error: {sentence}"])


def explain(error: BaseException) -> str | None:
    """Return the sentence for an error, or None for one that speaks for itself."""
    if isinstance(error, UserError):
        return str(error)
    name = f"{type(error).__module__}.{type(error).__name__}"  # by name, because py4j is not imported for a look
    if name == "py4j.protocol.Py4JJavaError":
        return _java(str(error), java_reason(error))
    if name == "py4j.protocol.Py4JNetworkError" or (isinstance(error, ConnectionRefusedError) and _from_py4j(error)):
        return limits.end_of("the Spark driver of this kernel", "restart the kernel")
    return None


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


def _from_py4j(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").startswith("py4j."):
            return True
        trace = trace.tb_next
    return False
