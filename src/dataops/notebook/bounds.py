"""toPandas() asks first whether the rows fit into this notebook's memory, and says what to do where they do not."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from dataops.errors import UserError
from dataops.notebook import limits

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

SWITCH = "spark.dataops.toPandas"
# Compressed columns grow this much at most in practice; what is smaller even so is not counted first.
_GROWTH = 10
# pandas holds the rows and Arrow's copy of them for a moment.
_COPIES = 2
_BYTES = {"boolean": 1, "tinyint": 1, "smallint": 2, "int": 4, "float": 4, "string": 60, "binary": 60}
_PLAIN = {"bigint", "double", "date", "timestamp", "timestamp_ntz"}


def guard() -> None:
    """Have toPandas() of this process ask first."""
    from pyspark.sql import DataFrame

    original = DataFrame.toPandas
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def bounded(self: DataFrame) -> Any:
        check(self)
        return original(self)

    setattr(DataFrame, "toPandas", bounded)


def check(df: DataFrame) -> None:
    """Return if a frame fits into memory.

    Raises:
        UserError: it does not.
    """
    if df.sparkSession.conf.get(SWITCH, "") == "unbounded":
        return
    free = limits.limits().free
    statistics = df._jdf.queryExecution().optimizedPlan().stats()
    if int(str(statistics.sizeInBytes())) * _GROWTH <= free:
        return
    known = statistics.rowCount()
    rows = int(str(known.get())) if known.isDefined() else df.count()
    wanted = rows * width(df.schema)
    if wanted * _COPIES > free:
        raise UserError(
            f"toPandas() would bring {rows:,} rows, about {limits.size(wanted)}, into this notebook, which has"
            f" {limits.size(free)} of memory left; take some with df.limit(n), look at some with show_sample(df),"
            f" aggregate first, or {limits.larger_profile()}; to go on all the same:"
            f' spark.conf.set("{SWITCH}", "unbounded")'
        )


def width(schema: StructType) -> int:
    """Return about how many bytes a row takes in pandas."""
    kinds = [field.dataType.simpleString() for field in schema.fields]
    return sum(_BYTES.get(kind, 8 if kind in _PLAIN else 120) for kind in kinds)
