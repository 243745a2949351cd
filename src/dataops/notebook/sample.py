"""The first rows of a frame as a table that a notebook shows."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def show_sample(df: DataFrame, n: int = 5) -> Sample:
    """Return the first rows of a frame as a table that a notebook shows; it computes no more than these rows."""
    types = [(field.name, field.dataType.simpleString()) for field in df.schema.fields]
    return Sample(df.limit(n).toPandas(), types, n)


class Sample:
    """Rows with each column's type and its nulls, counted over these rows only."""

    def __init__(self, rows: Any, types: Sequence[tuple[str, str]], wanted: int) -> None:
        """Keep a pandas frame, its columns with their Spark types, and how many rows were asked for."""
        self.rows = rows
        # by place, because the two sides of a join may have columns of one name
        counts = rows.isna().sum()
        self.columns = [(name, kind, int(counts.iloc[place])) for place, (name, kind) in enumerate(types)]
        self.whole = len(rows) < wanted

    @property
    def note(self) -> str:
        """What the numbers are about."""
        read = f"{len(self.rows)} rows read, {'which is all there are' if self.whole else 'there may be more'}"
        return f"{read}; nulls are counted over these rows" + ("" if self.whole else ", not over the whole frame")

    def __repr__(self) -> str:
        """Return the sample as text."""
        columns = ", ".join(f"{name}: {kind} ({nulls} null)" for name, kind, nulls in self.columns)
        return f"{self.rows.to_string(index=False)}\n{columns}\n{self.note}"

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th>{html.escape(name)}<br><small>{html.escape(kind)}<br>{nulls} null</small></th>"
            for name, kind, nulls in self.columns
        )
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(str(value))}</td>" for value in row) + "</tr>"
            for row in self.rows.itertuples(index=False)
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><small>{self.note}</small>"
