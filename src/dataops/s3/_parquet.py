"""Parquet files in memory, put together as one frame."""

import io
from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from dataops.errors import UserError


def read(files: Mapping[str, bytes], *, root: str, columns: list[str] | None) -> pd.DataFrame:
    """Return the rows of all files; folders named `key=value` below the root become columns.

    Raises:
        UserError: a file is not whole, a column is missing, or the files do not fit together.
    """
    folders = [key.removeprefix(root) for key in files]
    factory = ds.HivePartitioning.discover()
    hive = ds.partitioning(factory.inspect(folders), flavor="hive") if any("=" in each for each in folders) else None
    tables = []
    for (key, data), folder in zip(files.items(), folders, strict=True):
        try:
            table = pq.read_table(io.BytesIO(data))
        except pa.ArrowInvalid as error:
            raise UserError(f"{key} is not a whole Parquet file ({error}); write it again") from None
        for name, value in ds.get_partition_keys(hive.parse(folder)).items() if hive else ():
            table = table.append_column(name, pa.array([value] * len(table)))
        tables.append(table)
    try:
        whole = pa.concat_tables(tables, promote_options="default")
        frame: pd.DataFrame = (whole.select(columns) if columns is not None else whole).to_pandas()
        return frame
    except pa.ArrowTypeError as error:
        raise UserError(
            f"the files below {root} do not have the same columns ({error}); read them one by one"
        ) from None
    except KeyError as error:
        raise UserError(
            f"{root or next(iter(files))} has no such column ({error}); it has {', '.join(whole.column_names)}"
        ) from None
