"""Parquet files of the store as one table, of which only the columns asked for travel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from dataops.errors import UserError
from dataops.s3 import paths
from dataops.s3._objects import Objects

if TYPE_CHECKING:
    from obstore import Bytes

_NULL = "__HIVE_DEFAULT_PARTITION__"
_WHOLE = 2**20
_FOOTER = 2**16
_FILES_AT_ONCE = 8


@dataclass(frozen=True)
class _File:
    """A Parquet file of the store.

    Attributes:
        objects: The store.
        path: Where it lies.
        key: The same as people see it.
        size: Its bytes.
        end: The last ones of them, if they came with the size.
    """

    objects: Objects
    path: str
    key: str
    size: int
    end: bytes | Bytes = b""

    def read(self, columns: list[str] | None) -> tuple[pa.Table, list[str]]:
        """Return the rows with those of the columns that the file has, and the names of all its columns.

        The parts that are needed are fetched first and lie where they would in the file: Arrow's own threads must not
        call back into Python, which may be gone when they do.
        """
        try:
            whole = self._footer()
            parquet = pq.ParquetFile(pa.BufferReader(whole))
            names = list(parquet.schema_arrow.names)
            wanted = None if columns is None else [name for name in columns if name in names]
            if self.size > _WHOLE:
                self._fetch(whole, _parts(parquet.metadata, wanted))
            return parquet.read(wanted), names
        except (pa.ArrowInvalid, OSError) as error:
            raise UserError(f"{self.key} is not a whole Parquet file ({error}); write it again") from None

    def _footer(self) -> pa.Buffer:
        """Room for the file with its footer, which ends in its own length; of a small file with everything."""
        whole = pa.allocate_buffer(self.size)
        room = memoryview(whole).cast("B")
        there = len(self.end)
        room[self.size - there :] = self.end
        wanted = self.size if self.size <= _WHOLE else _FOOTER
        if there < wanted:
            self._fetch(whole, [(self.size - wanted, wanted - there)])
        length = int.from_bytes(room[-8:-4], "little") + 8
        if wanted < length <= self.size:
            self._fetch(whole, [(self.size - length, length - wanted)])
        return whole

    def _fetch(self, whole: pa.Buffer, parts: list[tuple[int, int]]) -> None:
        room = memoryview(whole).cast("B")
        for (start, length), data in zip(parts, self.objects.get_ranges(self.path, parts), strict=True):
            if len(data) != length:
                raise UserError(f"{self.key} was replaced by a shorter file while it was read; read it again")
            room[start : start + length] = data


def _parts(metadata: pq.FileMetaData, columns: list[str] | None) -> list[tuple[int, int]]:
    """Where each part of the columns begins, and its length."""
    parts = []
    for group in (metadata.row_group(number) for number in range(metadata.num_row_groups)):
        for chunk in (group.column(number) for number in range(metadata.num_columns)):
            path = chunk.path_in_schema
            if columns is None or any(path == name or path.startswith(f"{name}.") for name in columns):
                start = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
                parts.append((start, chunk.total_compressed_size))
    return parts


def read(objects: Objects, path: str, columns: list[str] | None) -> pa.Table:
    """Return the rows of a file, or of all below a prefix; folders named `key=value` below it become columns.

    Raises:
        UserError: nothing is there, it is a table, a file is not whole, a column is missing, or the files do not fit
            together.
    """
    files, root = _files(objects, path)
    partitions = {file.key: _partition(file.key.removeprefix(root)) for file in files}
    # one file, too: Arrow's allocator keeps less of a thread that ends, and the next file is read in half the time
    with ThreadPoolExecutor(_FILES_AT_ONCE) as readers:
        found = list(readers.map(lambda file: file.read(columns), files))
    numbers = _numbers(list(partitions.values()))
    tables: list[pa.Table] = []
    known: dict[str, None] = {}
    for file, (table, names) in zip(files, found, strict=True):
        for name, value in partitions[file.key].items():
            if name not in names and (columns is None or name in columns):
                kind, cell = (pa.int64(), value and int(value)) if name in numbers else (pa.string(), value)
                table = table.append_column(name, pa.array([cell] * len(table), kind))
        tables.append(table)
        known |= dict.fromkeys([*names, *partitions[file.key]])
    if missing := [name for name in columns or () if name not in known]:
        raise UserError(f"{root or files[0].key} has no such column ({', '.join(missing)}); it has {', '.join(known)}")
    try:
        whole = pa.concat_tables(tables, promote_options="default")
    except pa.ArrowTypeError as error:
        raise UserError(
            f"the files below {root} do not have the same columns ({error}); read them one by one"
        ) from None
    return whole if columns is None else whole.select(columns)


def _files(objects: Objects, path: str) -> tuple[list[_File], str]:
    """The Parquet files of a path, and the folder whose subfolders may be partitions."""
    bucket, key = paths.split(path, objects.settings.s3_bucket)
    if key.endswith(".parquet") and (found := objects.end(path, _FOOTER)):
        return [_File(objects, path, path, *found)], path
    root = key.rstrip("/") + "/" if key.strip("/") else ""
    sizes = objects.sizes(bucket, root)
    if any(each.startswith(root + "metadata/") for each in sizes):
        raise UserError(
            f"{path} is a table, whose files are not its rows; read it with dataops.tables.read_pandas(...)"
        )
    files = [
        _File(objects, f"s3a://{bucket}/{each}", each, size)
        for each, size in sizes.items()
        if each.endswith(".parquet") and not _hidden(each.removeprefix(root))
    ]
    if not files:
        raise UserError(f"{path} holds no Parquet file; check the path with S3Client().list_objects(...)")
    return files, root


def write(table: pa.Table) -> bytes:
    """Return a table as one Parquet file."""
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    data: bytes = buffer.getvalue().to_pybytes()
    return data


def _numbers(partitions: list[dict[str, str | None]]) -> set[str]:
    """The partitions whose every value is a whole number."""
    names = {name for each in partitions for name in each}
    return {name for name in names if all((each.get(name) or "0").isdecimal() for each in partitions)}


def _partition(relative: str) -> dict[str, str | None]:
    pairs = (folder.split("=", 1) for folder in relative.split("/")[:-1] if "=" in folder)
    return {name: None if value == _NULL else unquote(value) for name, value in pairs}


def _hidden(relative: str) -> bool:
    return any(part.startswith(("_", ".")) and "=" not in part for part in relative.split("/"))
