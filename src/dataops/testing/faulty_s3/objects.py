"""What can be done with one object: put, get, head, copy, delete."""

from urllib.parse import unquote

from dataops.testing.faulty_s3.answers import Answer, Refused, elements, tag, xml
from dataops.testing.faulty_s3.memory import Memory, Stored
from dataops.testing.faulty_s3.requests import Request


def put(memory: Memory, request: Request, data: bytes, *, conditions: bool) -> Answer:
    """PutObject, with If-None-Match and If-Match if the store heeds them."""
    if conditions:
        _heed(memory, request)
    stored = memory.put(request.bucket, request.key, data, request.headers)
    return Answer(headers={"ETag": stored.etag})


def _heed(memory: Memory, request: Request) -> None:
    there = memory.bucket(request.bucket).get(request.key)
    if there and request.header("if-none-match") == "*":
        raise Refused(412, "PreconditionFailed")
    wanted = request.header("if-match")
    if wanted and not there:
        raise Refused(404, "NoSuchKey")
    if wanted and there and not _same(wanted, there.etag):
        raise Refused(412, "PreconditionFailed")


def _same(asked: str, etag: str) -> bool:
    return asked.strip('"') == etag.strip('"')  # Java's SDK leaves the quotes out


def get(memory: Memory, request: Request) -> Answer:
    """GetObject and HeadObject, ranges included."""
    stored = memory.get(request.bucket, request.key)
    if _same(request.header("if-none-match"), stored.etag):
        return Answer(304, headers={"ETag": stored.etag})
    wanted = request.header("if-match")
    if wanted and not _same(wanted, stored.etag):
        raise Refused(412, "PreconditionFailed")
    asked = request.header("range")
    if not asked:
        return Answer(200, stored.data, stored.described)
    first, last = _bounds(asked, len(stored.data))
    span = {"Content-Range": f"bytes {first}-{last}/{len(stored.data)}"}
    return Answer(206, stored.data[first : last + 1], stored.described | span)


def _bounds(wanted: str, size: int) -> tuple[int, int]:
    begin, _, end = wanted.removeprefix("bytes=").partition("-")
    if begin:
        first, last = int(begin), min(int(end or size - 1), size - 1)
    else:
        first, last = max(size - int(end), 0), size - 1
    if first >= size:
        raise Refused(416, "InvalidRange")
    return first, last


def source(memory: Memory, request: Request) -> Stored:
    """The object that x-amz-copy-source names."""
    bucket, _, key = unquote(request.header("x-amz-copy-source")).lstrip("/").partition("/")
    return memory.get(bucket, key)


def copy(memory: Memory, request: Request) -> Answer:
    """CopyObject."""
    found = source(memory, request)
    replace = request.header("x-amz-metadata-directive") == "REPLACE"
    stored = memory.put(request.bucket, request.key, found.data, request.headers if replace else found.headers)
    when = tag("LastModified", "2026-01-01T00:00:00.000Z")
    return xml(tag("CopyObjectResult", elements([when, tag("ETag", stored.etag)])))


def delete(memory: Memory, request: Request) -> Answer:
    """DeleteObject; one that does not exist is no error."""
    memory.bucket(request.bucket).pop(request.key, None)
    return Answer(204)
