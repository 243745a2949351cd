"""Which publications one machine can do as Spark does them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dataops.engine.patterns import is_same
from dataops.quality.expectations import Expectation, Matches


def needs_spark(
    partition_by: Sequence[str], expectations: Iterable[Expectation], mode: str = "overwrite"
) -> str | None:
    """Return why a publication needs Spark, or None where one machine does the same."""
    if mode != "overwrite":
        return f"only Spark publishes by {mode}"
    for text in partition_by:
        if not text.isidentifier():
            return f"only Spark replaces partitions by {text}"
    for one in expectations:
        if isinstance(one, Matches) and not is_same(one.pattern):
            return f"the pattern {one.pattern} may mean something else to DuckDB"
    return None
