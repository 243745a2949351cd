"""Two actions of Spark one after the other, as a person does them; runs in a kernel, as text."""

from __future__ import annotations

from time import perf_counter
from typing import Any


def main(spark: Any) -> dict[str, float]:
    """Do them.

    Returns:
        The seconds until there was a session, until the first result, and for the second one; and the result.
    """
    begin = perf_counter()
    assert spark.sparkContext.master.startswith("k8s://")  # to ask for it starts the session
    session = perf_counter() - begin
    answer = spark.range(1_000_000).selectExpr("sum(id % 1000) as total").collect()[0]["total"]
    first = perf_counter() - begin
    begin = perf_counter()
    spark.range(2_000_000).selectExpr("sum(id % 1000) as total").collect()
    return {"session": session, "first": first, "second": perf_counter() - begin, "answer": float(answer)}
