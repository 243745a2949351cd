"""Polars, whose Rust library (object_store) reads and writes by itself."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from dataops.config import Settings
from dataops.s3 import S3Client
from dataops.s3.check.clients.trial import BODY, attempt, unsigned
from dataops.s3.check.findings import Finding

TITLE, ORDER, NEEDS, WHERE = "polars", 30, "polars", "make s3-check, which runs in the pod of a job"


def probe(settings: Settings, folder: str) -> Iterator[Finding]:
    """Write and scan a Parquet file."""
    if refused := unsigned(TITLE, settings):
        yield from refused
        return
    pl: Any = import_module("polars")  # not where the library is checked
    key, secret = settings.s3_keys()
    options = {
        "aws_endpoint_url": settings.s3_endpoint_url or "",
        "aws_access_key_id": key,
        "aws_secret_access_key": secret,
        "aws_region": settings.s3_region,
        "aws_virtual_hosted_style_request": str(settings.s3_addressing_style == "virtual").lower(),
        "aws_allow_http": "true",
    }
    path = f"s3://{settings.s3_bucket}/{folder}/rows.parquet"

    def work() -> bytes:
        pl.DataFrame({"body": [BODY]}).write_parquet(path, storage_options=options)
        read: bytes = pl.scan_parquet(path, storage_options=options).collect()["body"][0]
        S3Client(settings).delete(path)
        return read

    yield attempt(TITLE, work, consequence="Polars cannot read or write this store by paths")
