"""Spark's event logs as a stream of events: one file or a rolling folder, plain or compressed, here or in the store."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client, paths

FOLDER = "spark-events"
_APPLICATION = re.compile(r"[A-Za-z][\w-]*-[\w-]+")
_ROLLED = re.compile(r"events_(\d+)_")
_LZ4_MAGIC, _LZ4_HEADER, _LZ4_RAW = b"LZ4Block", 21, 0x10

Opener = Callable[[], Any]
"""Gives a stream of bytes, which knows how to read and to close."""


def lines(place: str, settings: Settings) -> Iterator[bytes]:
    """Yield the events of one application, line by line; nothing but the current block is held.

    A log whose driver was killed ends within a block or a line: what comes before that is yielded.

    Args:
        place: An application's id, whose log lies in the lake, or a path: a log, its folder, or the archive that the
            history server's button *Download* gives; `s3a://...` names the store.
        settings: Where the store is; not needed for what lies here.

    Raises:
        UserError: There is no such log, or it is compressed in a way that is not read here.
    """
    for name, opener in _in_order(_files(place, settings), place):
        with closing(opener()) as raw:
            yield from _whole_lines(_plain(name, raw))


def _files(place: str, settings: Settings) -> dict[str, Opener]:
    path = Path(place)
    if path.is_file() and zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        return {one: partial(archive.open, one) for one in archive.namelist()}
    if path.is_dir():
        return {one.name: partial(one.open, "rb") for one in path.iterdir()}
    if path.is_file():
        return {path.name: partial(path.open, "rb")}
    if "://" in place:
        return _stored(place, settings)
    if not _APPLICATION.fullmatch(place):
        raise UserError(f"{place} is neither a file, a folder nor the id of an application; `spark-...` is one")
    return _stored(f"{FOLDER}/eventlog_v2_{place}/", settings) or _stored(f"{FOLDER}/{place}", settings)


def _stored(place: str, settings: Settings) -> dict[str, Opener]:
    client = S3Client(settings)
    bucket, _ = paths.split(place, settings.s3_bucket)

    def opener(key: str) -> Opener:
        return lambda: client.boto.get_object(Bucket=bucket, Key=key)["Body"]

    return {one.key: opener(one.key) for one in client.list_objects(place)}


def _in_order(files: dict[str, Opener], place: str) -> list[tuple[str, Opener]]:
    """The files to read, oldest first; a compacted one stands for itself and all before it."""
    names = {name.rpartition("/")[2]: name for name in files}
    rolled = sorted((int(match[1]), ".compact" in name, name) for name in names if (match := _ROLLED.match(name)))
    if not rolled:
        rolled = [(0, False, name) for name in names if _APPLICATION.match(name)]
        if len(rolled) != 1:
            raise UserError(f"{place} holds no event log of Spark; `dataops spark why` wants an id or a path of one")
    first = max((number for number, compact, _ in rolled if compact), default=0)
    kept = [name for number, compact, name in rolled if number > first or compact and number == first or not first]
    return [(names[name], files[names[name]]) for name in kept]


def _plain(name: str, raw: Any) -> Iterable[bytes]:
    _, _, codec = name.rpartition("/")[2].removesuffix(".compact").removesuffix(".inprogress").partition(".")
    if codec == "zstd":
        import pyarrow

        return _blocks(pyarrow.CompressedInputStream(pyarrow.PythonFile(raw, "r"), "zstd"))
    if codec == "lz4":
        return _lz4(raw)
    if codec:
        raise UserError(f"{name} is compressed with {codec}; logs are read plain, or with zstd or lz4")
    return _blocks(raw)


def _blocks(stream: Any) -> Iterator[bytes]:
    try:
        while block := stream.read(1 << 16):  # of a truncated one this much is lost
            yield block
    except OSError as error:
        if "Truncated" not in str(error):
            raise


def _lz4(stream: Any) -> Iterator[bytes]:
    """Blocks of lz4-java, which are not the frames that other programs write."""
    import pyarrow

    while len(header := _exactly(stream, _LZ4_HEADER)) == _LZ4_HEADER and header.startswith(_LZ4_MAGIC):
        method, packed, size = header[8] & 0xF0, *(int.from_bytes(header[at : at + 4], "little") for at in (9, 13))
        block = _exactly(stream, packed)
        if len(block) < packed:
            return
        if packed:  # an empty one ends a stream, and another may follow
            yield block if method == _LZ4_RAW else pyarrow.decompress(block, size, "lz4_raw", asbytes=True)


def _exactly(stream: Any, size: int) -> bytes:
    found = b""
    while len(found) < size and (more := stream.read(size - len(found))):
        found += more
    return found


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
