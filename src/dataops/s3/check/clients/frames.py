"""Polars, whose Rust library (object_store) reads and writes by itself."""

from collections.abc import Iterator

from dataops.config import Settings
from dataops.s3 import S3Client, clients
from dataops.s3.check.clients.trial import BODY, attempt, unsigned
from dataops.s3.check.findings import Finding

TITLE, ORDER, NEEDS, WHERE = "polars", 30, "polars", "make s3-check, which runs in the pod of a job"


def probe(settings: Settings, folder: str) -> Iterator[Finding]:
    """Write and scan a Parquet file."""
    if refused := unsigned(TITLE, settings):
        yield from refused
        return
    import polars as pl

    options = clients.polars_options(settings, settings.s3_bucket)
    path = f"s3://{settings.s3_bucket}/{folder}/rows.parquet"

    def work() -> bytes:
        pl.DataFrame({"body": [BODY]}).write_parquet(path, storage_options=options)
        read: bytes = pl.scan_parquet(path, storage_options=options).collect()["body"][0]
        S3Client(settings).delete(path)
        return read

    yield attempt(TITLE, work, consequence="Polars cannot read or write this store by paths")
