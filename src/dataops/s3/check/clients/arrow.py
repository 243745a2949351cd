"""PyArrow's own S3 file system, and what pyiceberg uses: the same, or whole files where PyArrow cannot sign."""

from collections.abc import Iterator

from dataops.config import Settings
from dataops.s3 import clients
from dataops.s3.check.clients.trial import BODY, attempt, unsigned
from dataops.s3.check.findings import Finding

TITLE, ORDER, NEEDS, WHERE = "pyarrow", 20, "pyiceberg", "make s3-check, which runs in the pod of a job"
_TABLES = "tables cannot be read or written without Spark"


def probe(settings: Settings, folder: str) -> Iterator[Finding]:
    """Write a Parquet file with the one, and plain bytes with the other."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from dataops.tables.fileio import LakeFileIO

    files = LakeFileIO(properties={})

    def parquet() -> bytes:
        system, path = clients.arrow(settings), f"{settings.s3_bucket}/{folder}/rows.parquet"
        pq.write_table(pa.table({"body": [BODY]}), path, filesystem=system)
        read: bytes = pq.read_table(path, filesystem=system)["body"][0].as_py()
        system.delete_file(path)
        return read

    def plain() -> bytes:
        path = f"s3a://{settings.s3_bucket}/{folder}/plain"
        with files.new_output(path).create() as stream:
            stream.write(BODY)
        with files.new_input(path).open() as stream:
            read = stream.read()
        files.delete(path)
        return read

    consequence = "pandas cannot read Parquet from this store by paths"
    yield from unsigned("pyarrow", settings) or [attempt("pyarrow", parquet, consequence=consequence)]
    yield attempt("pyiceberg", plain, consequence=_TABLES)
