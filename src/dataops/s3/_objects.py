"""The objects of the store by their paths: by object_store where it can, else by boto3; errors are sentences."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from dataops.config import Settings
from dataops.s3 import clients, paths
from dataops.s3._errors import explained

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as BotoClient
    from obstore import Bytes

    from dataops.s3._boto3 import Boto3
    from dataops.s3._object_store import ObjectStore

_log = logging.getLogger("dataops")
_AT_ONCE = 16


@dataclass(frozen=True)
class S3Object:
    """One object as a listing shows it."""

    key: str
    size: int
    modified: datetime | None = field(default=None, compare=False)


class Objects:
    """Every object of a store, for several threads at once."""

    def __init__(self, settings: Settings) -> None:
        """Import and connect nothing before the first call."""
        self.settings = settings

    @cached_property
    def boto(self) -> BotoClient:
        """The boto3 client."""
        return clients.boto3(self.settings)

    def size(self, path: str) -> int | None:
        """Return an object's size, or None where there is none."""
        bucket, key = self.place(path)
        with self.explained(path):
            return self._way(key).size(bucket, key)

    def get(self, path: str) -> bytes:
        """Return an object's bytes."""
        bucket, key = self.place(path)
        with self.explained(path):
            return self._way(key).get(bucket, key)

    def end(self, path: str, length: int) -> tuple[int, bytes | Bytes] | None:
        """Return an object's size and its last bytes, at most so many; None where there is no object."""
        bucket, key = self.place(path)
        with self.explained(path):
            if self._is_quick(key) and (found := self._object_store.end(bucket, key, length)):
                return found
            size = self._way(key).size(bucket, key)
            if not size:
                return None if size is None else (0, b"")
            part = min(size, length)
            return size, self._way(key).get_ranges(bucket, key, [(size - part, part)])[0]

    def get_ranges(self, path: str, parts: Sequence[tuple[int, int]]) -> Sequence[bytes | Bytes]:
        """Return parts of an object, each said by where it begins and how long it is."""
        bucket, key = self.place(path)
        with self.explained(path):
            return self._way(key).get_ranges(bucket, key, parts)

    def download(self, path: str, file: BinaryIO, advance: Callable[[int], object]) -> None:
        """Write an object into a file, telling of every piece."""
        bucket, key = self.place(path)
        with self.explained(path):
            self._way(key).download(bucket, key, file, advance)

    def put(self, path: str, data: bytes | BinaryIO) -> None:
        """Write an object, replacing what was there."""
        bucket, key = self.place(path)
        with self.explained(path):
            self._way(key).put(bucket, key, data)

    def delete(self, path: str) -> None:
        """Delete an object; one that does not exist is no error."""
        bucket, key = self.place(path)
        with self.explained(path):
            self._way(key).delete(bucket, key)

    def listed(self, prefix: str) -> list[S3Object]:
        """Return every object below a prefix, in order of its key."""
        bucket, key = paths.split(prefix, self.settings.s3_bucket)
        with self.explained(prefix):
            # by boto3: object_store does not show every key as it is, such as one that ends in a slash
            pages = self.boto.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
            return [
                S3Object(each["Key"], each["Size"], each["LastModified"])
                for page in pages
                for each in page.get("Contents", [])
            ]

    def holds(self, prefix: str) -> bool:
        """Return whether anything lies below a prefix."""
        bucket, key = paths.split(prefix, self.settings.s3_bucket)
        with self.explained(prefix):
            return bool(self.boto.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents"))

    def sizes(self, bucket: str, folder: str) -> dict[str, int]:
        """Return the sizes of the objects below a folder by their keys, without the marks that some programs make."""
        whole = f"s3a://{bucket}/{folder}"
        sizes = None
        if not clients.signs_v2(self.settings):
            with self.explained(whole):
                sizes = self._object_store.sizes(bucket, folder)
        if sizes is None:
            sizes = {each.key.rstrip("/"): each.size for each in self.listed(whole)}
        folders = {key.rpartition("/")[0] for key in sizes}
        return {key: size for key, size in sizes.items() if size or key not in folders}

    def each(self, work: Callable[[str], object], of: Iterable[str]) -> None:
        """Do something with many paths at a time; the first error counts."""
        with ThreadPoolExecutor(_AT_ONCE) as workers:
            for _ in workers.map(work, of):
                pass

    def place(self, path: str) -> tuple[str, str]:
        """Return bucket and key of an object's path."""
        return paths.of_object(path, self.settings.s3_bucket)

    def explained(self, path: str) -> AbstractContextManager[None]:
        """Turn what goes wrong with a path into a sentence."""
        return explained(self.settings, path)

    def _is_quick(self, key: str) -> bool:
        return not clients.signs_v2(self.settings) and paths.is_plain(key)

    def _way(self, key: str) -> ObjectStore | Boto3:
        return self._object_store if self._is_quick(key) else self._boto3

    @cached_property
    def _object_store(self) -> ObjectStore:
        from dataops.s3._object_store import ObjectStore

        return ObjectStore(self.settings)

    @cached_property
    def _boto3(self) -> Boto3:
        from dataops.s3._boto3 import Boto3

        if clients.signs_v2(self.settings):
            _log.info("S3 is read and written by boto3, which is slower: the store wants V2 signatures")
        return Boto3(lambda: self.boto)
