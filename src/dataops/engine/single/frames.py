"""A session of DuckDB in this process with PySpark's API, and its frames."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import duckdb
import pyarrow as pa
from sqlframe.base.column import Column
from sqlframe.base.session import _BaseSession
from sqlframe.base.types import Row
from sqlframe.duckdb import DuckDBDataFrame, DuckDBSession, functions
from sqlframe.duckdb.table import DuckDBTable
from sqlglot import Dialect, exp

from dataops.engine.active import functions_of
from dataops.engine.single.garbage import seldom_collecting
from dataops.engine.single.macros import MACROS
from dataops.engine.single.plan import as_spark
from dataops.engine.single.quicker import columns, quicken
from dataops.errors import UserError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.dataset as pds

# names keep their capitals
_SPARK = Dialect.get_or_raise("spark, normalization_strategy=case_sensitive")
_TELL = "run the job with --engine spark"
quicken()


class SingleFrame(DuckDBDataFrame):
    """A frame that DuckDB computes."""

    def copy(self, **changes: Any) -> SingleFrame:
        """Return the frame with some parts changed; sqlframe would copy those, too, which are the whole plan."""
        kept = {name: part for name, part in vars(self).items() if name not in changes}
        copies = {name: part.copy() if hasattr(part, "copy") else part for name, part in kept.items()}
        return type(self)(**copies | changes | {"join_on_uuid": str(uuid4())})

    @classmethod
    def _get_outer_select_columns(cls, item: exp.Expression) -> list[Column]:
        found = item.find(exp.Select)
        return (found and columns(found)) or super()._get_outer_select_columns(item)

    def _resolve_pending_hints(self) -> SingleFrame:
        # without any there is nothing to do, for which sqlframe would copy the plan
        return super()._resolve_pending_hints() if self.pending_hints else self

    def toArrow(self, batch_size: int | None = None) -> pa.Table:
        """Return the rows."""
        rows = self.session.arrow(self.session._to_sql(self._get_expressions(optimize=False)[-1]))
        return rows.rename_columns(self.columns)

    def collect(self) -> list[Row]:
        """Return the rows as PySpark does: instants without a zone, in UTC."""
        rows = self.toArrow()
        values = zip(*(column.to_pylist() for column in rows.columns), strict=True)
        return [self.session._to_row(rows.column_names, row) for row in values]

    def toPandas(self) -> pd.DataFrame:
        """Return the rows as PySpark does: instants without a zone, in UTC."""
        rows = self.toArrow()
        for place, field in enumerate(rows.schema):
            if pa.types.is_timestamp(field.type):
                rows = rows.set_column(place, field.name, rows.column(place).cast(pa.timestamp("ns")))
        frame: pd.DataFrame = rows.to_pandas()
        return frame

    def persist(self, *_: object) -> SingleFrame:
        """Compute the rows now and keep them."""
        kept: SingleFrame = self.session.frame(self.toArrow())
        return kept

    cache = persist


class _Table(DuckDBTable):
    _df = SingleFrame


class SingleSession(DuckDBSession):
    """What `single_session` opens."""

    _df = SingleFrame
    _table = _Table
    _normal_names: dict[str, str]

    def __new__(cls, *_: object, **__: object) -> SingleSession:
        """Make a session of its own; sqlframe would hand out the one that is open, on the new connection."""
        made = object.__new__(cls)
        made._normal_names = {}
        return made

    def frame(self, rows: pa.Table | pds.Dataset) -> SingleFrame:
        """Return Arrow's rows as a frame; of a data set only what is used is read."""
        name = f"rows_{uuid4().hex}"
        self._conn.register(name, rows)
        return self._named(name)

    def parquet(self, path: str) -> SingleFrame:
        """Return the rows of Parquet files of this machine; the path may hold `*`."""
        name = f"files_{uuid4().hex}"
        self._conn.read_parquet(path).create_view(name)
        return self._named(name)

    def arrow(self, query: str) -> pa.Table:
        """Compute a query; DuckDB's wide integers become Spark's bigint.

        Raises:
            UserError: a value cannot be computed as Spark would.
        """
        try:
            rows = self._conn.sql(query)
            if "HUGEINT" in rows.types:
                narrow = [
                    f'cast("{name}" as bigint) as "{name}"' if kind == "HUGEINT" else f'"{name}"'
                    for name, kind in zip(rows.columns, rows.types, strict=True)
                ]
                rows = rows.project(", ".join(narrow))
            return rows.to_arrow_table()
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(f"one machine cannot compute this as Spark would ({reason}); {_TELL}") from error

    def sql(self, *_: object, **__: object) -> SingleFrame:
        """Refuse SQL text, of which nobody has proved that it means the same.

        Raises:
            UserError: always.
        """
        raise UserError(f"SQL as text is Spark's; write it with frames, or {_TELL}")

    def createDataFrame(self, *_: object, **__: object) -> SingleFrame:
        """Refuse rows of Python, whose types the engines guess differently.

        Raises:
            UserError: always.
        """
        raise UserError(f"rows of Python have no types here; give Arrow's to dataops.engine.frame, or {_TELL}")

    def _named(self, name: str) -> SingleFrame:
        described = self._conn.execute(f"describe {name}").fetchall()
        types = {column: exp.DataType.build(kind, dialect="duckdb") for column, kind, *_ in described}
        self.catalog.add_table(name, types)
        frame: SingleFrame = self.table(name).select("*")  # type: ignore[assignment]  # it makes frames of _df
        return frame

    def _normalize_string(self, value: str) -> str:
        if value not in self._normal_names:  # sqlframe asks for the same ones again and again
            self._normal_names[value] = super()._normalize_string(value)
        return self._normal_names[value]

    def _to_sql(self, sql: Any, **kwargs: Any) -> str:
        return super()._to_sql(as_spark(sql) if isinstance(sql, exp.Expression) else sql, **kwargs)


_open: list[SingleSession] = []


def _answer_for_all() -> None:
    # sqlframe's functions ask one session for the dialect, which all have in common
    _BaseSession._instance = _open[-1] if _open else None  # type: ignore[assignment]  # there it is typed as None


@contextmanager
def single_session() -> Iterator[SingleSession]:
    """Open a session; `dataops.engine.functions` belong to it as long as it is open."""
    with (
        tempfile.TemporaryDirectory(prefix="dataops-engine-") as folder,
        duckdb.connect(config={"temp_directory": folder}) as connection,
        functions_of(functions),
        seldom_collecting(),
    ):
        for statement in ("set TimeZone='UTC'", "set enable_progress_bar=false", *MACROS):
            connection.execute(statement)
        session = SingleSession(conn=connection)
        session.input_dialect = session.output_dialect = _SPARK
        _open.append(session)
        _answer_for_all()
        try:
            yield session
        finally:
            _open.remove(session)
            _answer_for_all()
