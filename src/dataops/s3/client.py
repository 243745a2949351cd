"""S3Client: the few things people and jobs do with objects, with errors that say what to do."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import paths
from dataops.s3._errors import explained

if TYPE_CHECKING:
    import pandas as pd
    from mypy_boto3_s3 import S3Client as BotoClient


@dataclass(frozen=True)
class S3Object:
    """One object as a listing shows it."""

    key: str
    size: int
    modified: datetime | None = field(default=None, compare=False)


class S3Client:
    """Reads and writes objects. A path is a key of the lake's bucket (`bronze/x`) or a whole one (`s3a://bucket/x`)."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Create a client; nothing is imported or connected before the first call."""
        self._settings = settings or Settings.load()

    @cached_property
    def boto(self) -> BotoClient:
        """The boto3 client underneath, set up for this store.

        Raises:
            UserError: the endpoint or a key is not set, or the CA bundle is missing or holds no certificate.
        """
        import boto3  # lazily: it takes a quarter of a second
        from botocore.config import Config

        settings = self._settings
        if not settings.s3_endpoint_url:
            raise UserError("S3_ENDPOINT_URL is not set; give the pod the ConfigMap dataops-env")
        ca = settings.ca_bundle()
        key, secret = settings.s3_keys()
        try:
            return boto3.session.Session().client(
                "s3",
                endpoint_url=settings.s3_endpoint_url,
                region_name=settings.s3_region,
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                verify=str(ca) if ca else True,
                config=Config(
                    signature_version=settings.aws_s3_signature_version,
                    s3={"addressing_style": settings.s3_addressing_style},
                    # stores that are not AWS reject the trailing checksums boto3 sends by default
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                    connect_timeout=5,
                    retries={"mode": "standard", "max_attempts": 3},
                ),
            )
        except ValueError as error:  # botocore's own idea of an address
            raise UserError(f"S3_ENDPOINT_URL is wrong: {error}; correct it in the environment") from None

    def check_connectivity(self) -> None:
        """Return if the lake's bucket can be listed.

        Raises:
            UserError: the store is not reachable, not trusted, refuses the key, or the bucket is missing.
        """
        bucket = self._settings.s3_bucket
        with explained(self._settings, f"s3a://{bucket}/"):
            answer = self.boto.list_objects_v2(Bucket=bucket, MaxKeys=1)
        if not answer.keys() & {"Name", "KeyCount"}:
            raise UserError(f"what answers at {self._settings.s3_endpoint_url} is no S3 store; correct S3_ENDPOINT_URL")

    def list_objects(self, prefix: str = "") -> list[S3Object]:
        """Return every object below a prefix, in order of its key."""
        bucket, key = self._split(prefix)
        with explained(self._settings, prefix):
            pages = self.boto.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
            return [
                S3Object(each["Key"], each["Size"], each["LastModified"])
                for page in pages
                for each in page.get("Contents", [])
            ]

    def exists(self, path: str) -> bool:
        """Return whether an object lies exactly there."""
        from botocore.exceptions import ClientError

        bucket, key = self._split(path)
        with explained(self._settings, path):
            try:
                self.boto.head_object(Bucket=bucket, Key=key)
            except ClientError as error:
                # HEAD gives a number only; a listing tells a missing bucket or a wrong key from a missing object
                self.boto.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
                if error.response["Error"]["Code"] == "404":
                    return False
                raise
        return True

    def read_bytes(self, path: str) -> bytes:
        """Return an object's bytes.

        Raises:
            UserError: it does not exist or may not be read.
        """
        bucket, key = self._split(path)
        with explained(self._settings, path):
            return self.boto.get_object(Bucket=bucket, Key=key)["Body"].read()

    def write_bytes(self, path: str, data: bytes) -> None:
        """Write an object, replacing what was there."""
        bucket, key = self._split(path)
        with explained(self._settings, path):
            self.boto.put_object(Bucket=bucket, Key=key, Body=data)

    def delete(self, path: str) -> None:
        """Delete an object; one that does not exist is no error."""
        bucket, key = self._split(path)
        with explained(self._settings, path):
            self.boto.delete_object(Bucket=bucket, Key=key)

    def read_parquet(self, path: str, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a Parquet file, or all below a prefix as one frame with its hive partitions as columns.

        Raises:
            UserError: nothing is there, a file is broken, or the prefix is a table.
        """
        from dataops.s3 import _parquet

        bucket, key = self._split(path)
        if key.endswith(".parquet") and self.exists(path):
            return _parquet.read({path: self.read_bytes(path)}, root="", columns=columns)
        root = key.rstrip("/") + "/"
        keys = [each.key for each in self.list_objects(f"s3a://{bucket}/{root}")]
        if any(key.startswith(root + "metadata/") for key in keys):
            raise UserError(
                f"{path} is a table, whose files are not its rows; read it with dataops.tables.read_pandas(...)"
            )
        files = [key for key in keys if key.endswith(".parquet") and not _hidden(key.removeprefix(root))]
        if not files:
            raise UserError(f"{path} holds no Parquet file; check the path with S3Client().list_objects(...)")
        found = {key: self.read_bytes(f"s3a://{bucket}/{key}") for key in files}
        return _parquet.read(found, root=root, columns=columns)

    def write_parquet(self, frame: pd.DataFrame, path: str) -> None:
        """Write a frame as one Parquet file (zstd) whose path ends in .parquet.

        Raises:
            UserError: the path does not end so, or may not be written.
        """
        if not path.endswith(".parquet"):
            raise UserError(
                f"{path} does not end in .parquet; name the one file to write, such as {path.rstrip('/')}/x.parquet"
            )
        buffer = io.BytesIO()
        frame.to_parquet(buffer, engine="pyarrow", compression="zstd", index=False)
        self.write_bytes(path, buffer.getvalue())

    def _split(self, path: str) -> tuple[str, str]:
        return paths.split(path, self._settings.s3_bucket)


def _hidden(relative: str) -> bool:
    return any(part.startswith(("_", ".")) and "=" not in part for part in relative.split("/"))
