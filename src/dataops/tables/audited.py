"""What a table expects of a publication, whichever engine checks it before readers see the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any

from dataops.config import Settings
from dataops.quality.audit import Audited
from dataops.quality.expectations import Unique
from dataops.quality.gate import gate
from dataops.tables.branch import Branches, history, slug
from dataops.tables.snapshots import RUN

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from dataops.tables.publishing import Publication

_PUBLICATIONS, _ENOUGH = 10, 3


def alone(wanted: Publication) -> bool:
    """Return whether what others publish meanwhile can change nothing of what the audit found."""
    uniques = [one for one in wanted.expectations if isinstance(one, Unique)]
    return wanted.mode != "merge" and all(within_written(wanted, one.columns) for one in uniques)


def within_written(wanted: Publication, columns: Sequence[str]) -> bool:
    """Return whether rows with the same values in these columns are all among those that are written."""
    # they are of the same partition, and that is replaced as a whole
    partitions = {text.rpartition(" ")[2].rpartition("(")[2].rstrip(")") for text in wanted.partition_by}
    return wanted.mode == "overwrite" and partitions <= set(columns)


def examine(
    spark: SparkSession, branches: Branches, written: Any, wanted: Publication, settings: Settings
) -> dict[str, str]:
    """Let the gate see what Spark has written to the audit branch, and return what the snapshot says about it.

    Raises:
        QualityError: An error among the expectations is not fulfilled.
    """
    if not wanted.expectations or written is None:
        return {}
    table = branches.load()
    files = [str(file.location()) for file in written.addedDataFiles(table.io())]
    whole = spark.table(branches.target)
    rows = spark.read.parquet(*files) if files else whole.limit(0)

    def compared(columns: Sequence[str]) -> DataFrame:
        return rows if within_written(wanted, columns) else whole

    before = (one.summary() for one in history(table, table.currentSnapshot()))
    return gated(Audited(rows, compared, partitions(written.summary()), usual(before)), wanted, settings)


def gated(what: Audited, wanted: Publication, settings: Settings) -> dict[str, str]:
    """Check everything that the table expects, and return what its snapshot says about it.

    Raises:
        QualityError: An error among the expectations is not fulfilled.
    """
    report = gate(
        what, wanted.expectations, table=wanted.table, run=wanted.run, name=slug(wanted.run), settings=settings
    )
    failed = "; ".join(check.expectation for check in report.warnings)
    return {"dataops-score": f"{report.score:.6f}", **({"dataops-warnings": failed} if failed else {})}


def partitions(summary: Mapping[str, Any]) -> int:
    """Return into how many partitions a snapshot wrote, by its summary."""
    return max(int(summary.get("changed-partition-count") or 1), 1)


def usual(summaries: Iterable[Mapping[str, Any]]) -> float | None:
    """Return how many rows a partition usually gets, by the summaries of a table's history, the newest first."""
    # without a JVM an overwrite is two snapshots in one commit, of which the first takes rows away and adds none
    ours = (one for one in summaries if one.get(RUN) and int(one.get("added-records") or 0))
    each = [int(one["added-records"]) / partitions(one) for one in islice(ours, _PUBLICATIONS)]
    return median(each) if len(each) >= _ENOUGH else None
