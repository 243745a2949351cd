"""S3Client: the few things people and jobs do with objects, with errors that say what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import clients
from dataops.s3._objects import Objects, S3Object

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from mypy_boto3_s3 import S3Client as BotoClient

    from dataops.s3._sync import Synced

_COPY_PART = 256 * 2**20
_PRESIGN_SECONDS = 7 * 24 * 3600


class S3Client:
    """Reads and writes objects. A path is a key of the lake's bucket (`bronze/x`) or a whole one (`s3a://bucket/x`).

    Objects go by object_store, which is several times faster than boto3. It cannot sign with V2: where the store wants
    that (AWS_S3_SIGNATURE_VERSION=s3), boto3 does everything, which the log says once. A client may be used by several
    threads.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        """Create a client; nothing is imported or connected before the first call."""
        self._settings = settings or Settings.load()
        self._objects = Objects(self._settings)

    @property
    def boto(self) -> BotoClient:
        """The boto3 client underneath, set up for this store.

        Raises:
            UserError: the endpoint or a key is not set, or the CA bundle is missing or holds no certificate.
        """
        return self._objects.boto

    def check_connectivity(self) -> None:
        """Return if the lake's bucket can be listed.

        Raises:
            UserError: the store is not reachable, not trusted, refuses the key, or the bucket is missing.
        """
        bucket = self._settings.s3_bucket
        with self._objects.explained(f"s3a://{bucket}/"):
            answer = clients.boto3(self._settings, attempts=3).list_objects_v2(Bucket=bucket, MaxKeys=1)
        if not answer.keys() & {"Name", "KeyCount"}:
            raise UserError(f"what answers at {self._settings.s3_endpoint_url} is no S3 store; correct S3_ENDPOINT_URL")

    def list_objects(self, prefix: str = "") -> list[S3Object]:
        """Return every object below a prefix, in order of its key."""
        return self._objects.listed(prefix)

    def exists(self, path: str) -> bool:
        """Return whether an object lies exactly there, or anything below a path that ends in a slash.

        Raises:
            UserError: the bucket does not exist, or this account may not know.
        """
        return self._objects.holds(path) if path.endswith("/") else self._objects.size(path) is not None

    def read_bytes(self, path: str) -> bytes:
        """Return an object's bytes.

        Raises:
            UserError: it does not exist or may not be read.
        """
        return self._objects.get(path)

    def write_bytes(self, path: str, data: bytes) -> None:
        """Write an object, replacing what was there.

        Raises:
            UserError: it may not be written.
        """
        self._objects.put(path, data)

    def delete(self, *paths: str) -> None:
        """Delete objects; one that does not exist is no error.

        Each is a request of its own, many at a time: stores disagree about how a list of keys is signed.

        Raises:
            UserError: one of them may not be deleted.
        """
        self._objects.each(self._objects.delete, paths)

    def copy(self, source: str, target: str) -> None:
        """Copy an object within the store, which does it by itself; the target is replaced.

        Raises:
            UserError: the source does not exist, or the target may not be written.
        """
        bucket, key = self._objects.place(source)
        to_bucket, to_key = self._objects.place(target)
        if (bucket, key) == (to_bucket, to_key):
            raise UserError(f"{source} and {target} are the same object; name another target")
        if not self.exists(source):
            raise UserError(f"{source} does not exist; check the path with S3Client().list_objects(...)")
        from boto3.s3.transfer import TransferConfig

        parts = TransferConfig(multipart_threshold=_COPY_PART, multipart_chunksize=_COPY_PART)
        with self._objects.explained(target):
            self.boto.copy({"Bucket": bucket, "Key": key}, to_bucket, to_key, Config=parts)

    def presign(self, path: str, seconds: int = 3600, method: Literal["get", "put"] = "get") -> str:
        """Return an address by which anybody may read, or write, one object for a while.

        Args:
            path: The object, which need not exist.
            seconds: How long the address holds; a week at most.
            method: What it allows.

        Returns:
            The address. Whoever has it has the object: treat it as a password.

        Raises:
            UserError: The time is longer than a store allows.
        """
        if not 0 < seconds <= _PRESIGN_SECONDS:
            raise UserError(f"an address cannot hold for {seconds} seconds; choose 1 to {_PRESIGN_SECONDS}, a week")
        bucket, key = self._objects.place(path)
        return self.boto.generate_presigned_url(
            f"{method}_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=seconds
        )

    def sync_up(self, folder: str | Path, path: str, *, delete: bool = False) -> Synced:
        """Bring the files of a local folder to a prefix of the store.

        A file is sent when the store has none of its size there, or an older one.

        Args:
            folder: The local folder, with all below it.
            path: Where they go, such as `sandbox/me/data`.
            delete: Whether to delete below that prefix what the folder does not have.

        Returns:
            What was done.

        Raises:
            UserError: The folder does not exist, or something may not be written.
        """
        from dataops.s3 import _sync

        return _sync.up(self._objects, Path(folder), path, delete)

    def sync_down(self, path: str, folder: str | Path, *, delete: bool = False) -> Synced:
        """Bring the objects below a prefix of the store to a local folder, whose files are whole or not there.

        An object is fetched when the folder has no file of its size there, or an older one.

        Args:
            path: The prefix, such as `bronze/nycflights13`.
            folder: The local folder, made when it is missing.
            delete: Whether to delete in the folder what the prefix does not have.

        Returns:
            What was done.

        Raises:
            UserError: Nothing lies there, a key cannot be the name of a file, or something may not be read.
        """
        from dataops.s3 import _sync

        return _sync.down(self._objects, path, Path(folder), delete)

    @overload
    def read_parquet(
        self, path: str, columns: list[str] | None = None, frame: Literal["pandas"] = "pandas"
    ) -> pd.DataFrame: ...

    @overload
    def read_parquet(
        self, path: str, columns: list[str] | None = None, *, frame: Literal["polars"]
    ) -> pl.DataFrame: ...

    def read_parquet(
        self, path: str, columns: list[str] | None = None, frame: Literal["pandas", "polars"] = "pandas"
    ) -> pd.DataFrame | pl.DataFrame:
        """Read a Parquet file, or all below a prefix as one frame with its hive partitions as columns.

        Args:
            path: The file, whose name ends in .parquet, or the prefix.
            columns: Those to read, in this order; the others do not travel. All by default.
            frame: Whose frame is wanted.

        Returns:
            The rows.

        Raises:
            UserError: Nothing is there, a file is broken, or the prefix is a table.
        """
        from dataops.s3 import _parquet

        table = _parquet.read(self._objects, path, columns)
        if frame == "polars":
            import polars as pl

            made = pl.from_arrow(table)
            assert isinstance(made, pl.DataFrame)  # a table becomes a frame, an array a series
            return made
        return table.to_pandas()  # type: ignore[no-any-return]  # pyarrow has no types

    def write_parquet(self, frame: pd.DataFrame | pl.DataFrame | pa.Table, path: str) -> None:
        """Write a frame of pandas or Polars, or Arrow's rows, as one Parquet file (zstd) whose path ends in .parquet.

        Raises:
            UserError: the path does not end so or may not be written, or a column holds values of several types.
        """
        import pyarrow as pa

        from dataops.s3 import _parquet

        if not path.endswith(".parquet"):
            raise UserError(
                f"{path} does not end in .parquet; name the one file to write, such as {path.rstrip('/')}/x.parquet"
            )
        try:
            if hasattr(frame, "iloc"):
                frame = pa.Table.from_pandas(frame, preserve_index=False)
            table = frame if isinstance(frame, pa.Table) else frame.to_arrow()
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise UserError(f"the frame for {path} does not fit Parquet ({error}); give each column one type") from None
        self.write_bytes(path, _parquet.write(table))
