"""boto3: listings, copies, presigned addresses, and all objects where the store wants the older signature."""

from collections.abc import Iterator

from dataops.config import Settings
from dataops.s3 import clients
from dataops.s3.check.clients.trial import BODY, attempt
from dataops.s3.check.findings import Finding

TITLE, ORDER, NEEDS, WHERE = "boto3", 10, "boto3", "every image of the platform has it"


def probe(settings: Settings, folder: str) -> Iterator[Finding]:
    """Write, list, read and delete one object."""
    client, bucket, key = clients.boto3(settings), settings.s3_bucket, f"{folder}/object"

    def work() -> bytes:
        client.put_object(Bucket=bucket, Key=key, Body=BODY)
        found = [one["Key"] for one in client.list_objects_v2(Bucket=bucket, Prefix=folder)["Contents"]]
        read = client.get_object(Bucket=bucket, Key=key)["Body"].read() if found == [key] else b""
        client.delete_object(Bucket=bucket, Key=key)
        return read

    yield attempt(TITLE, work, consequence="dataops.s3 lists nothing, and every job in Python fails at this store")
