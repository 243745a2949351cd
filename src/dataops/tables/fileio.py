"""How pyiceberg reaches the store: as every other client, with the platform's CA."""

from typing import Any

from pyarrow.fs import FileSystem, S3FileSystem
from pyiceberg.io.pyarrow import PyArrowFileIO

from dataops.config import Settings


class LakeFileIO(PyArrowFileIO):
    """PyArrow's files with the settings of this process; pyiceberg itself has no option for a CA."""

    def _initialize_s3_fs(self, netloc: str | None) -> FileSystem:
        settings = Settings.load()
        key, secret = settings.s3_keys()
        options: dict[str, Any] = {}
        if bundle := settings.ca_bundle():
            options["tls_ca_file_path"] = str(bundle)
        return S3FileSystem(
            endpoint_override=settings.s3_endpoint_url,
            access_key=key,
            secret_key=secret,
            region=settings.s3_region,
            force_virtual_addressing=settings.s3_addressing_style == "virtual",
            connect_timeout=5,
            **options,
        )
