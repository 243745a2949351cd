"""object_store, by which dataops.s3 reads and writes objects."""

from collections.abc import Iterator

from dataops.config import Settings
from dataops.s3 import clients
from dataops.s3.check.clients.trial import BODY, attempt, unsigned
from dataops.s3.check.findings import Finding

TITLE, ORDER, NEEDS, WHERE = "object_store", 15, "obstore", "make s3-check, which runs in the pod of a job"


def probe(settings: Settings, folder: str) -> Iterator[Finding]:
    """Write, read and delete one object."""
    if refused := unsigned(TITLE, settings):
        yield from refused
        return
    store, path = clients.object_store(settings, settings.s3_bucket), f"{folder}/object"

    def work() -> bytes:
        store.put(path, BODY)
        read = bytes(store.get(path).bytes())
        store.delete(path)
        return read

    yield attempt(TITLE, work, consequence="dataops.s3 reads and writes nothing at this store")
