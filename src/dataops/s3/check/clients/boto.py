"""boto3, as dataops.s3 sets it up."""

from collections.abc import Iterator

from dataops.config import Settings
from dataops.s3 import S3Client
from dataops.s3.check.clients.trial import BODY, attempt
from dataops.s3.check.findings import Finding

TITLE, ORDER, NEEDS, WHERE = "boto3", 10, "boto3", "every image of the platform has it"


def probe(settings: Settings, folder: str) -> Iterator[Finding]:
    """Write, list, read and delete one object."""
    client, path = S3Client(settings), f"{folder}/object"

    def work() -> bytes:
        client.write_bytes(path, BODY)
        found = [one.key for one in client.list_objects(folder)]
        read = client.read_bytes(path) if found == [path] else b""
        client.delete(path)
        return read

    yield attempt(TITLE, work, consequence="dataops.s3, and with it every job in Python, fails at this store")
