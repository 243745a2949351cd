"""The audit without a JVM: rows in memory that no reader has seen, beside what the table keeps when they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from dataops.config import Settings
from dataops.quality.audit import Audited
from dataops.tables.audited import gated, usual, within_written
from dataops.tables.snapshots import line, summary

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.table import Table
    from pyspark.sql import DataFrame

    from dataops.engine.single import SingleSession
    from dataops.tables.publishing import Publication


def examine(
    session: SingleSession, found: Table, rows: pa.Table, wanted: Publication, settings: Settings
) -> dict[str, str]:
    """Let the gate see rows that fit a table before they are written, and return what the snapshot says about them.

    Raises:
        QualityError: An error among the expectations is not fulfilled.
    """
    if not wanted.expectations:
        return {}
    by = list(wanted.partition_by)
    replaced = rows.group_by(by).aggregate([]) if by else None

    def compared(columns: Sequence[str]) -> DataFrame:
        if within_written(wanted, columns):
            return frame
        return _frame(session, _with_others(found, rows.select(list(columns)), replaced))

    frame = _frame(session, rows)
    before = (summary(one) for one in line(found).values())
    partitions = 1 if replaced is None else max(len(replaced), 1)
    return gated(Audited(frame, compared, partitions, usual(before)), wanted, settings)


def _frame(session: SingleSession, rows: pa.Table) -> DataFrame:
    return cast("DataFrame", session.frame(rows))


def _with_others(found: Table, rows: pa.Table, replaced: pa.Table) -> pa.Table:
    """Rows and those of all partitions that are not replaced."""
    import pyarrow as pa

    others = found.scan(_none_of(replaced), selected_fields=tuple(rows.column_names)).to_arrow()
    return pa.concat_tables([rows, others.select(rows.column_names).cast(rows.schema)])


def _none_of(partitions: pa.Table) -> BooleanExpression:
    from pyiceberg.expressions import AlwaysFalse, AlwaysTrue, And, IsNull, NotEqualTo, NotNull, Or, Reference
    from pyiceberg.expressions.literals import literal

    def outside(partition: dict[str, Any]) -> BooleanExpression:
        # a null is a partition, too, and differs from every value
        differs: list[BooleanExpression] = []
        for name, value in partition.items():
            term = Reference(name)
            other = NotEqualTo(term=term, value=literal(value)) if value is not None else NotNull(term=term)
            differs.append(other if value is None else Or(other, IsNull(term=term)))
        return Or(AlwaysFalse(), AlwaysFalse(), *differs)

    return And(AlwaysTrue(), AlwaysTrue(), *(outside(each) for each in partitions.to_pylist()))
