"""Uploads in parts: whole, with very many parts, listed, aborted."""

from collections.abc import Iterator

from dataops.s3.check.findings import Finding, Status, verdict
from dataops.s3.check.store import Store

TITLE, ORDER = "multipart uploads", 60
MANY = 1001
_PART = b"0123456789abcdef" * (5 * 2**16)  # 5 MiB, the smallest that S3 allows
_LEFTOVERS = "what a killed job leaves of its uploads stays, invisible, and fills the store"
_RULE = "a lifecycle rule AbortIncompleteMultipartUpload, by whoever runs the store"


def probe(store: Store) -> Iterator[Finding]:
    """Complete one upload, then begin another with many parts and abort it."""
    yield verdict(
        "multipart.complete",
        _complete(store),
        "two parts became one object, and the bytes are whole",
        otherwise=Status.FAILED,
        consequence="Spark writes every file this way, and everybody else the large ones",
    )
    upload, key = store.begin("multipart/many"), store.key("multipart/many")
    if not upload:
        yield Finding("multipart.begin", Status.FAILED, "no upload can be begun", "Spark cannot write")
        return
    yield verdict(
        "multipart.listed",
        None if upload in _uploads(store, key) else "an unfinished upload is not listed",
        "unfinished uploads are listed",
        otherwise=Status.DEGRADED,
        consequence=_LEFTOVERS,
        setting=_RULE,
    )
    asked = [{"partNumber": str(number + 1), "uploadId": upload} for number in range(MANY)]
    kept = sum(answer.ok for answer in store.many(lambda query: store.send("PUT", key, query, body=b"x"), asked))
    listed = _parts(store, key, upload)
    yield verdict(
        "multipart.many-parts",
        None if kept == listed == MANY else f"{kept} of {MANY} parts were taken, {listed} are listed",
        f"{MANY} parts are taken and listed, page by page",
        otherwise=Status.DEGRADED,
        consequence="files of more than 1000 parts (64 GB at Spark's size of a part) cannot be written or resumed",
    )
    aborted = store.send("DELETE", key, {"uploadId": upload})
    gone = not store.send("GET", key, {"uploadId": upload}).ok
    yield verdict(
        "multipart.abort",
        None if aborted.ok and gone else f"refused: {aborted.said}" if not aborted.ok else "the parts are still there",
        "an upload that was aborted is gone",
        otherwise=Status.DEGRADED,
        consequence=_LEFTOVERS,
        setting=_RULE,
    )
    yield _copied(store)


def finish(store: Store, key: str, upload: str, etags: list[str]) -> str | None:
    """Complete an upload; return what the store said against it."""
    parts = (
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in enumerate(etags, 1)
    )
    body = f"<CompleteMultipartUpload>{''.join(parts)}</CompleteMultipartUpload>".encode()
    answer = store.send("POST", key, {"uploadId": upload}, body=body)
    return None if answer.ok else f"refused: {answer.said}"


def _complete(store: Store) -> str | None:
    upload, key = store.begin("multipart/whole"), store.key("multipart/whole")
    if not upload:
        return "no upload can be begun"
    etags = []
    for number, body in enumerate((_PART, b"the end"), 1):
        answer = store.send("PUT", key, {"partNumber": str(number), "uploadId": upload}, body=body)
        if not answer.ok:
            return f"part {number} was refused: {answer.said}"
        etags.append(answer.headers.get("ETag", ""))
    return finish(store, key, upload, etags) or store.damage(key, _PART + b"the end")


def _copied(store: Store) -> Finding:
    source, key, upload = store.key("multipart/source"), store.key("multipart/copied"), store.begin("multipart/copied")
    store.put(source, b"source")
    query = {"partNumber": "1", "uploadId": upload}
    answer = store.send("PUT", key, query, {"x-amz-copy-source": f"/{store.wire.bucket}/{source}"})
    etags = answer.texts("ETag") if answer.ok else []
    trouble = finish(store, key, upload, etags) or store.damage(key, b"source") if etags else f"refused: {answer.said}"
    return verdict(
        "multipart.copy",
        trouble,
        "a part can be copied from an object",
        otherwise=Status.DEGRADED,
        consequence="objects of more than 5 GB cannot be copied or renamed within the store",
    )


def _uploads(store: Store, key: str) -> list[str]:
    answer = store.send("GET", query={"uploads": "", "prefix": key})
    return answer.texts("UploadId") if answer.ok else []


def _parts(store: Store, key: str, upload: str) -> int:
    numbers: set[str] = set()
    marker = ""
    while True:
        answer = store.send("GET", key, {"uploadId": upload} | ({"part-number-marker": marker} if marker else {}))
        found = answer.texts("PartNumber") if answer.ok else []
        if not found or set(found) <= numbers:
            return len(numbers)
        numbers |= set(found)
        if answer.texts("IsTruncated") != ["true"]:
            return len(numbers)
        marker = found[-1]
