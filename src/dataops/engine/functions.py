"""PySpark's functions for whichever engine computes: `from dataops.engine import functions as F`."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from dataops.engine.active import single_functions
from dataops.errors import UserError

if TYPE_CHECKING:
    from pyspark.sql import Column
    from pyspark.sql.functions import *  # noqa: F401,F403  # type checkers see PySpark's own signatures

PROVED = frozenset(
    "abs array array_compact asc asc_nulls_first asc_nulls_last avg ceil coalesce col concat concat_ws count "
    "countDistinct count_distinct date_add date_sub date_trunc datediff dayofmonth dense_rank desc desc_nulls_first "
    "desc_nulls_last floor greatest hour isnan isnull lag last_day lead least length lit lower max mean min minute "
    "month quarter rank row_number second substring sum timestamp_seconds trim unix_seconds upper when year".split()
)
"""Functions that tests/unit/engine shows to give the same on both engines; a single machine refuses all others."""


def local_time(instant: str, zone: str) -> Column:
    """Return what a clock in a time zone shows at an instant (a column), whatever the session's own zone is."""
    single = single_functions()
    if single is not None:
        from dataops.engine.single.plan import clock

        return clock(instant, zone)
    from pyspark.sql import functions

    # counted from 1970 instead of cast, so that the session's own time zone has no say
    utc = f"timestamp_ntz'1970-01-01 00:00:00' + make_dt_interval(0, 0, 0, unix_seconds({instant}))"
    return functions.expr(f"convert_timezone('UTC', '{zone}', {utc})")


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return a function of the engine that computes.

        Raises:
            UserError: a single machine computes, and the function is not proved to give there what Spark gives.
        """
        single: ModuleType | None = single_functions()
        if single is None:
            from pyspark.sql import functions

            return getattr(functions, name)
        if name.startswith("_") or name not in PROVED:
            raise UserError(
                f"F.{name} is not proved to give the same on one machine as on Spark; run the job with --engine spark,"
                " or write it with the functions that docs/ENGINES.md lists"
            )
        return getattr(single, name)
