"""A local folder and a prefix of the store brought to the same files, of which only those that differ travel."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dataops.errors import UserError
from dataops.s3 import paths
from dataops.s3._objects import Objects, S3Object

_log = logging.getLogger("dataops")
_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Synced:
    """What became of a sync.

    Attributes:
        files: How many travelled.
        bytes: Their size.
        unchanged: How many were there already.
        deleted: How many were deleted on the other side.
    """

    files: int
    bytes: int
    unchanged: int
    deleted: int


def up(objects: Objects, folder: Path, path: str, delete: bool) -> Synced:
    """Bring a folder to a prefix; see `S3Client.sync_up`."""
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder; name the local folder first, then the path in the store")
    root, there, here = _root(objects, path), _objects_below(objects, path), _files_below(folder)

    def same(name: str) -> bool:
        each = there.get(name)
        return each is not None and each.size == here[name].st_size and _moment(each) >= int(here[name].st_mtime)

    changed = {name: here[name].st_size for name in here if not same(name)}
    with _progress(f"{folder} to {root}", changed) as advance:

        def send(name: str) -> None:
            with _Counted(folder / name, advance) as file:
                objects.put(root + name, file)

        objects.each(send, changed)
    extra = [root + name for name in there if delete and name not in here]
    objects.each(objects.delete, extra)
    return Synced(len(changed), sum(changed.values()), len(here) - len(changed), len(extra))


def down(objects: Objects, path: str, folder: Path, delete: bool) -> Synced:
    """Bring a prefix to a folder; see `S3Client.sync_down`."""
    root, there, here = _root(objects, path), _objects_below(objects, path), _files_below(folder)
    if not there:
        raise UserError(f"nothing lies below {root}; check the path with S3Client().list_objects(...)")
    for name in there:
        if any(part in ("", ".", "..") for part in name.split("/")):
            raise UserError(f"{root}{name} cannot be the name of a file; copy it to another name first")

    def same(name: str) -> bool:
        file = here.get(name)
        return file is not None and file.st_size == there[name].size and file.st_mtime >= _moment(there[name])

    changed = {name: there[name].size for name in there if not same(name)}
    with _progress(f"{root} to {folder}", changed) as advance:

        def fetch(name: str) -> None:
            with _whole(folder / name, _moment(there[name])) as file:
                objects.download(root + name, file, advance)

        objects.each(fetch, changed)
    extra = [folder / name for name in here if delete and name not in there]
    for file in extra:
        file.unlink()
    return Synced(len(changed), sum(changed.values()), len(there) - len(changed), len(extra))


def _root(objects: Objects, path: str) -> str:
    return paths.url(path, objects.settings.s3_bucket) + "/"


def _objects_below(objects: Objects, path: str) -> dict[str, S3Object]:
    root = _root(objects, path)
    skipped = len(paths.split(root, "")[1])
    found = {each.key[skipped:]: each for each in objects.listed(root)}
    # some programs mark a folder by an empty object whose name ends in a slash
    return {name: each for name, each in found.items() if name and not (name.endswith("/") and not each.size)}


def _files_below(folder: Path) -> dict[str, os.stat_result]:
    return {file.relative_to(folder).as_posix(): file.stat() for file in folder.rglob("*") if file.is_file()}


def _moment(each: S3Object) -> int:
    return int(each.modified.timestamp()) if each.modified else 0  # some stores tell whole seconds only


class _Counted(io.FileIO):
    """A file that tells how much of it was read."""

    def __init__(self, path: Path, advance: Callable[[int], object]) -> None:
        super().__init__(path)
        self._advance = advance

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(-1 if size is None else size)
        self._advance(len(data))
        return data


@contextmanager
def _whole(target: Path, moment: int) -> Iterator[BinaryIO]:
    """A file that takes its name once it is whole, with the time of its object."""
    draft = target.parent / f".{uuid.uuid4().hex}.part"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            yield file
        os.utime(draft, (moment, moment))
        draft.replace(target)
    except OSError as error:
        raise UserError(f"{target} cannot be written ({error.strerror}); free space or choose another folder") from None
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _progress(what: str, changed: dict[str, int]) -> Iterator[Callable[[int], object]]:
    """A line that moves, for people; in a job's log one line at the start and one at the end."""
    total, begin = sum(changed.values()), time.monotonic()
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        _log.info("sync begins", extra={"sync": what, "files": len(changed), "bytes": total})
        yield lambda size: None
        seconds = round(time.monotonic() - begin, 1)
        _log.info("sync ended", extra={"sync": what, "files": len(changed), "bytes": total, "seconds": seconds})
        return
    lock, done, shown = threading.Lock(), 0, begin

    def advance(size: int) -> None:
        nonlocal done, shown
        with lock:
            done += size
            if time.monotonic() - shown >= _EVERY_SECONDS:
                shown = time.monotonic()
                print(f"\r{what}: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB", end="", file=sys.stderr, flush=True)

    yield advance
    seconds = time.monotonic() - begin
    print(f"\r{what}: {len(changed)} files, {total / 1e6:,.1f} MB in {seconds:.1f} s", file=sys.stderr)
