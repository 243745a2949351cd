"""What the store holds, for as long as the process lives."""

import hashlib
import time
import uuid
from dataclasses import dataclass, field
from email.utils import formatdate

from dataops.testing.faulty_s3.answers import Refused

_KEPT = ("content-type", "content-encoding", "cache-control")


@dataclass(frozen=True)
class Stored:
    """One object."""

    data: bytes
    etag: str
    headers: dict[str, str]
    modified: float

    @property
    def described(self) -> dict[str, str]:
        """The headers of an answer about it."""
        when = formatdate(self.modified, usegmt=True)
        return {**self.headers, "ETag": self.etag, "Last-Modified": when, "Accept-Ranges": "bytes"}


@dataclass
class Upload:
    """One multipart upload that is not completed yet."""

    bucket: str
    key: str
    headers: dict[str, str]
    parts: dict[int, bytes] = field(default_factory=dict)


class Memory:
    """Buckets, objects and unfinished uploads."""

    def __init__(self, buckets: tuple[str, ...], null_etag: bool) -> None:
        self.buckets: dict[str, dict[str, Stored]] = {name: {} for name in buckets}
        self.uploads: dict[str, Upload] = {}
        self._null_etag = null_etag

    def bucket(self, name: str) -> dict[str, Stored]:
        """A bucket's objects.

        Raises:
            Refused: there is no such bucket.
        """
        if name not in self.buckets:
            raise Refused(404, "NoSuchBucket")
        return self.buckets[name]

    def get(self, bucket: str, key: str) -> Stored:
        """An object.

        Raises:
            Refused: there is no such object.
        """
        objects = self.bucket(bucket)
        if key not in objects:
            raise Refused(404, "NoSuchKey")
        return objects[key]

    def put(self, bucket: str, key: str, data: bytes, headers: dict[str, str], parts: int = 0) -> Stored:
        """Keep an object and return it; one made of parts has their number in its ETag."""
        kept = {name: value for name, value in headers.items() if name.startswith("x-amz-meta-") or name in _KEPT}
        etag = self.etag(data) if not parts or self._null_etag else f'{self.etag(data)[:-1]}-{parts}"'
        stored = Stored(data, etag, kept, time.time())
        self.bucket(bucket)[key] = stored
        return stored

    def etag(self, data: bytes) -> str:
        """The ETag of some bytes."""
        return "null" if self._null_etag else f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'

    def start(self, bucket: str, key: str, headers: dict[str, str]) -> str:
        """Begin an upload and return its id."""
        self.bucket(bucket)
        name = uuid.uuid4().hex
        self.uploads[name] = Upload(bucket, key, headers)
        return name

    def upload(self, name: str) -> Upload:
        """An unfinished upload.

        Raises:
            Refused: it is not known, or not any more.
        """
        if name not in self.uploads:
            raise Refused(404, "NoSuchUpload")
        return self.uploads[name]
