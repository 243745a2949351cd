"""Parquet files in memory, put together as one frame."""

import io
from collections.abc import Mapping
from urllib.parse import unquote

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dataops.errors import UserError

_NULL = "__HIVE_DEFAULT_PARTITION__"


def read(files: Mapping[str, bytes], *, root: str, columns: list[str] | None) -> pd.DataFrame:
    """Return the rows of all files; folders named `key=value` below the root become columns.

    Raises:
        UserError: a file is not whole, a column is missing, or the files do not fit together.
    """
    partitions = {key: _partition(key.removeprefix(root)) for key in files}
    numbers = {
        name
        for name in {name for each in partitions.values() for name in each}
        if all((each.get(name) or "0").isdecimal() for each in partitions.values())
    }
    tables = []
    for key, data in files.items():
        try:
            table = pq.read_table(io.BytesIO(data))
        except pa.ArrowInvalid as error:
            raise UserError(f"{key} is not a whole Parquet file ({error}); write it again") from None
        for name, value in partitions[key].items():
            kind, cell = (pa.int64(), value and int(value)) if name in numbers else (pa.string(), value)
            table = table.append_column(name, pa.array([cell] * len(table), kind))
        tables.append(table)
    try:
        whole = pa.concat_tables(tables, promote_options="default")
        frame: pd.DataFrame = (whole.select(columns) if columns is not None else whole).to_pandas()
    except pa.ArrowTypeError as error:
        raise UserError(
            f"the files below {root} do not have the same columns ({error}); read them one by one"
        ) from None
    except KeyError as error:
        known = ", ".join(whole.column_names)
        raise UserError(f"{root or next(iter(files))} has no such column ({error}); it has {known}") from None
    return frame


def _partition(relative: str) -> dict[str, str | None]:
    pairs = (folder.split("=", 1) for folder in relative.split("/")[:-1] if "=" in folder)
    return {name: None if value == _NULL else unquote(value) for name, value in pairs}
