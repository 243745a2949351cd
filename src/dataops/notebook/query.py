"""SQL on the notebook's session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataops.notebook.lazy import session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def sql(query: str, **arguments: Any) -> DataFrame:
    """Run Spark SQL and return its frame; Spark starts if it does not run yet.

    Args:
        query: such as `select * from lake.silver.flights where origin = {origin}`.
        arguments: values or frames that the query names in braces.

    Raises:
        UserError: Java, the master, the store or a setting is missing or wrong.
    """
    return session().sql(query, **arguments)
