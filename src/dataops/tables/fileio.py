"""How pyiceberg reaches the store: as every other client, with the platform's CA."""

import io
from collections.abc import Callable
from functools import cached_property

from pyarrow.fs import FileSystem
from pyiceberg.io import InputFile, InputStream, OutputFile, OutputStream
from pyiceberg.io.pyarrow import PyArrowFileIO

from dataops.config import Settings
from dataops.s3 import S3Client, clients


class LakeFileIO(PyArrowFileIO):
    """PyArrow's files with the settings of this process; pyiceberg itself has no option for a CA.

    Where the store wants V2 signatures, which PyArrow cannot write, files go whole through `S3Client`.
    """

    def _initialize_s3_fs(self, netloc: str | None) -> FileSystem:
        return clients.arrow(Settings.load())

    @cached_property
    def _whole(self) -> S3Client | None:
        settings = Settings.load()
        return S3Client(settings) if clients.signs_v2(settings) else None

    def new_input(self, location: str) -> InputFile:  # type: ignore[override]  # PyArrow's own, or a whole file
        """The file at a place."""
        return WholeFile(location, self._whole) if self._whole else super().new_input(location)

    def new_output(self, location: str) -> OutputFile:  # type: ignore[override]  # PyArrow's own, or a whole file
        """The file to write at a place."""
        return WholeFile(location, self._whole) if self._whole else super().new_output(location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Delete a file."""
        if self._whole:
            self._whole.delete(location if isinstance(location, str) else location.location)
        else:
            super().delete(location)


class WholeFile(InputFile, OutputFile):
    """A file that is fetched or written as one: nothing of it is on the way when Arrow's threads work on it."""

    def __init__(self, location: str, s3: S3Client) -> None:
        """Ask for nothing yet."""
        super().__init__(location)
        self._s3 = s3
        self._size: int | None = None

    def __len__(self) -> int:
        """Its bytes."""
        if self._size is None:
            self._size = len(self._s3.read_bytes(self.location))
        return self._size

    def exists(self) -> bool:
        """Whether it is there."""
        return self._s3.exists(self.location)

    def open(self, seekable: bool = True) -> InputStream:
        """Fetch it."""
        if not self.exists():
            raise FileNotFoundError(f"Cannot open file, does not exist: {self.location}")
        return io.BytesIO(self._s3.read_bytes(self.location))

    def create(self, overwrite: bool = False) -> OutputStream:
        """Collect what it will hold."""
        if not overwrite and self.exists():
            raise FileExistsError(f"Cannot create file, already exists: {self.location}")
        return _Written(self._write)

    def _write(self, data: bytes) -> None:
        self._s3.write_bytes(self.location, data)
        self._size = len(data)

    def to_input_file(self) -> InputFile:
        """The same, to be read."""
        return self


class _Written(io.BytesIO):
    """What a file will hold: handed over when it is closed, not when an error ends its block."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        super().__init__()
        self._write = write

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self.close()
        super().close()

    def close(self) -> None:
        if not self.closed:
            self._write(self.getvalue())
        super().close()
