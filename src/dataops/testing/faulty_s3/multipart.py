"""Uploads in parts."""

from xml.etree import ElementTree

from dataops.testing.faulty_s3.answers import Answer, Refused, elements, tag, xml
from dataops.testing.faulty_s3.memory import Memory
from dataops.testing.faulty_s3.objects import source
from dataops.testing.faulty_s3.requests import Request

_SMALLEST = 5 * 2**20
_PAGE = 1000


def create(memory: Memory, request: Request) -> Answer:
    """CreateMultipartUpload."""
    name = memory.start(request.bucket, request.key, request.headers)
    parts = [tag("Bucket", request.bucket), tag("Key", request.key), tag("UploadId", name)]
    return xml(tag("InitiateMultipartUploadResult", elements(parts)))


def put_part(memory: Memory, request: Request, data: bytes) -> Answer:
    """UploadPart and UploadPartCopy."""
    upload = memory.upload(request.query["uploadId"])
    copied = "x-amz-copy-source" in request.headers
    if copied:
        data = source(memory, request).data
        if span := request.header("x-amz-copy-source-range"):
            first, _, last = span.removeprefix("bytes=").partition("-")
            data = data[int(first) : int(last) + 1]
    upload.parts[int(request.query["partNumber"])] = data
    etag = memory.etag(data)
    if copied:
        when = tag("LastModified", "2026-01-01T00:00:00.000Z")
        return xml(tag("CopyPartResult", elements([when, tag("ETag", etag)])))
    return Answer(headers={"ETag": etag})


def complete(memory: Memory, request: Request, data: bytes, *, forgets: bool) -> Answer:
    """CompleteMultipartUpload; all parts but the last have 5 MiB at least."""
    name = request.query["uploadId"]
    upload = memory.upload(name)
    if forgets:
        del memory.uploads[name]
        raise Refused(404, "NoSuchUpload")
    numbers = [int(one.text or 0) for one in ElementTree.fromstring(data).iter() if one.tag.endswith("PartNumber")]
    if not numbers or any(number not in upload.parts for number in numbers):
        raise Refused(400, "InvalidPart")
    parts = [upload.parts[number] for number in numbers]
    if any(len(part) < _SMALLEST for part in parts[:-1]):
        raise Refused(400, "EntityTooSmall")
    stored = memory.put(upload.bucket, upload.key, b"".join(parts), upload.headers, len(parts))
    del memory.uploads[name]
    said = [tag("Bucket", upload.bucket), tag("Key", upload.key), tag("ETag", stored.etag)]
    return xml(tag("CompleteMultipartUploadResult", elements(said)))


def abort(memory: Memory, request: Request) -> Answer:
    """AbortMultipartUpload."""
    memory.upload(request.query["uploadId"])
    del memory.uploads[request.query["uploadId"]]
    return Answer(204)


def list_parts(memory: Memory, request: Request) -> Answer:
    """ListParts, a page at a time."""
    upload, after = memory.upload(request.query["uploadId"]), int(request.query.get("part-number-marker") or 0)
    rest = sorted((number, data) for number, data in upload.parts.items() if number > after)
    page = rest[: min(int(request.query.get("max-parts") or _PAGE), _PAGE)]
    more = len(rest) > len(page)
    said = [tag("Bucket", upload.bucket), tag("Key", upload.key), tag("IsTruncated", str(more).lower())]
    said += [tag("NextPartNumberMarker", page[-1][0])] if more else []
    for number, data in page:
        about = [tag("PartNumber", number), tag("ETag", memory.etag(data)), tag("Size", len(data))]
        said.append(tag("Part", elements(about)))
    return xml(tag("ListPartsResult", elements(said)))


def list_uploads(memory: Memory, request: Request, *, hides: bool) -> Answer:
    """ListMultipartUploads, all of them at once."""
    memory.bucket(request.bucket)
    prefix, said = request.query.get("prefix", ""), [tag("Bucket", request.bucket), tag("IsTruncated", "false")]
    for name, upload in sorted(memory.uploads.items()):
        if not hides and upload.bucket == request.bucket and upload.key.startswith(prefix):
            about = [tag("Key", upload.key), tag("UploadId", name), tag("Initiated", "2026-01-01T00:00:00.000Z")]
            said.append(tag("Upload", elements(about)))
    return xml(tag("ListMultipartUploadsResult", elements(said)))
