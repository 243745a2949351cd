"""Objects by boto3: where object_store cannot, because the store wants V2 signatures or a key is too odd for it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from dataops.s3 import clients

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as BotoClient


class Boto3:
    """The objects of every bucket of a store."""

    def __init__(self, client: Callable[[], BotoClient]) -> None:
        """Take what gives the client, which is asked for at the first use."""
        self._client = client

    def size(self, bucket: str, key: str) -> int | None:
        """Return an object's size, or None where there is none."""
        from botocore.exceptions import ClientError

        try:
            return self._client().head_object(Bucket=bucket, Key=key)["ContentLength"]
        except ClientError as error:
            # HEAD gives a number only; a listing tells a missing bucket or a wrong key from a missing object
            self._client().list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
            if error.response["Error"]["Code"] == "404":
                return None
            raise

    def get(self, bucket: str, key: str) -> bytes:
        """Return an object's bytes."""
        return self._body(Bucket=bucket, Key=key)

    def get_ranges(self, bucket: str, key: str, parts: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return parts of an object, each said by where it begins and how long it is."""
        return [
            self._body(Bucket=bucket, Key=key, Range=f"bytes={start}-{start + length - 1}") for start, length in parts
        ]

    def download(self, bucket: str, key: str, file: BinaryIO, advance: Callable[[int], object]) -> None:
        """Write an object into a file, telling of every piece."""
        self._client().download_fileobj(bucket, key, file, Callback=advance)

    def put(self, bucket: str, key: str, data: bytes | BinaryIO) -> None:
        """Write an object; large ones in parts, which are taken back if one of them fails."""
        self._client().upload_fileobj(BytesIO(data) if isinstance(data, bytes) else data, bucket, key)

    def delete(self, bucket: str, key: str) -> None:
        """Delete an object; one that does not exist is no error."""
        self._client().delete_object(Bucket=bucket, Key=key)

    def _body(self, **request: Any) -> bytes:
        """The body of an answer; boto3 by itself repeats a request only until its body begins."""
        from botocore.exceptions import HTTPClientError, IncompleteReadError

        for attempt in range(1, clients.ATTEMPTS):
            try:
                return self._client().get_object(**request)["Body"].read()
            except (HTTPClientError, IncompleteReadError):
                time.sleep(random.uniform(0, 0.1 * 2**attempt))
        return self._client().get_object(**request)["Body"].read()
