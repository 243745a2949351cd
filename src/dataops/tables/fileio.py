"""How pyiceberg reaches the store: as every other client, with the platform's CA."""

from pyarrow.fs import FileSystem
from pyiceberg.io.pyarrow import PyArrowFileIO

from dataops.config import Settings
from dataops.s3 import clients


class LakeFileIO(PyArrowFileIO):
    """PyArrow's files with the settings of this process; pyiceberg itself has no option for a CA."""

    def _initialize_s3_fs(self, netloc: str | None) -> FileSystem:
        return clients.arrow(Settings.load())
