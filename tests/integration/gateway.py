"""versitygw, a second S3 store that shares no code with MinIO: it keeps objects as files of a folder."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from dataops.config import Settings
from dataops.errors import UserError
from dataops.platform.tools import ensure_tool
from dataops.s3 import S3Client
from tests.integration.services import PATIENCE_SECONDS, free_port

KEY, SECRET = "someone", "of-someone"


@contextmanager
def gateway() -> Iterator[Settings]:
    """Serve an empty bucket data-lake on loopback."""
    program, port = ensure_tool("versitygw"), free_port()
    # not in memory: older kernels keep no extended attributes there, where it puts what it knows of an object
    with tempfile.TemporaryDirectory(prefix="dataops-versitygw-", dir=Path.home() / ".cache") as folder:
        command = [str(program), "--port", f"127.0.0.1:{port}", "--quiet", "posix", folder]
        server = subprocess.Popen(command, env={"ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET})
        try:
            settings = Settings.model_construct(
                s3_endpoint_url=f"http://127.0.0.1:{port}",
                s3_access_key_id=SecretStr(KEY),
                s3_secret_access_key=SecretStr(SECRET),
            )
            _make_bucket(settings)
            yield settings
        finally:
            server.terminate()
            server.wait()


def _make_bucket(settings: Settings) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            S3Client(settings).boto.create_bucket(Bucket=settings.s3_bucket)
            return
        except Exception as error:  # it listens a moment after it has started
            if time.monotonic() > deadline:
                raise UserError(f"versitygw does not answer: {error}") from None
            time.sleep(0.2)
