"""What is in a bucket: both listings, and the deletion of many at once."""

import time
from urllib.parse import quote
from xml.etree import ElementTree

from dataops.testing.faulty_s3.answers import Answer, Refused, elements, tag, xml
from dataops.testing.faulty_s3.memory import Memory, Stored
from dataops.testing.faulty_s3.requests import Request

SHORT = 100
_PAGE = 1000


def listing(memory: Memory, request: Request, *, short: bool, wrong_order: bool) -> Answer:
    """ListObjects and ListObjectsV2.

    Args:
        memory: what the store holds.
        request: what is asked.
        short: whether a listing ends too early and does not say so.
        wrong_order: whether keys come in another order than that of their bytes.
    """
    objects, query = memory.bucket(request.bucket), request.query
    newer, limit = query.get("list-type") == "2", min(int(query.get("max-keys") or _PAGE), _PAGE)
    after = query.get("continuation-token") or query.get("start-after") or query.get("marker") or ""
    found = _entries(list(objects), query.get("prefix", ""), query.get("delimiter", ""))
    entries = [one for one in sorted(found, key=lambda key: key.lower().encode() if wrong_order else key.encode())]
    rest = entries[entries.index(after) + 1 :] if after in entries else [one for one in entries if one > after]
    page = rest[: min(limit, SHORT)] if short else rest[:limit]
    more = len(rest) > len(page) and not short
    encode = (lambda text: quote(text, safe="/")) if query.get("encoding-type") == "url" else str
    head = [tag("Name", request.bucket), tag("Prefix", encode(query.get("prefix", ""))), tag("MaxKeys", limit)]
    head += [tag(name, encode(query[word])) for name, word in (("Delimiter", "delimiter"),) if query.get(word)]
    head += [tag("EncodingType", "url")] if query.get("encoding-type") == "url" else []
    head += [tag("IsTruncated", str(more).lower())]
    if newer:
        head += [tag("KeyCount", len(page))]
        head += [tag("NextContinuationToken", page[-1])] if more else []
    elif more:
        head += [tag("NextMarker", encode(page[-1]))]
    body = [
        _contents(encode(one), objects[one]) if one in found[one] else tag("CommonPrefixes", tag("Prefix", encode(one)))
        for one in page
    ]
    return xml(tag("ListBucketResult", elements(head + body)))


def _entries(keys: list[str], prefix: str, delimiter: str) -> dict[str, list[str]]:
    """Keys and common prefixes, each with the keys that it stands for."""
    found: dict[str, list[str]] = {}
    for key in keys:
        if key.startswith(prefix):
            folder, cut, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            found.setdefault(prefix + folder + cut if cut else key, []).append(key)
    return found


def _contents(key: str, stored: Stored) -> str:
    when = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(stored.modified))
    parts = [tag("Key", key), tag("LastModified", when), tag("ETag", stored.etag), tag("Size", len(stored.data))]
    return tag("Contents", elements([*parts, tag("StorageClass", "STANDARD")]))


def delete_many(memory: Memory, request: Request, data: bytes, *, md5_only: bool) -> Answer:
    """DeleteObjects; a checksum of the list is mandatory."""
    summed = "content-md5" in request.headers
    if not summed and (md5_only or not any(name.startswith("x-amz-checksum-") for name in request.headers)):
        raise Refused(400, "InvalidRequest", "Missing required header for this request: Content-MD5")
    objects, root = memory.bucket(request.bucket), ElementTree.fromstring(data)
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    keys = [element.text or "" for element in root.iter(f"{space}Key")]
    for key in keys:
        objects.pop(key, None)
    quiet = root.findtext(f"{space}Quiet") == "true"
    return xml(tag("DeleteResult", elements([] if quiet else [tag("Deleted", tag("Key", key)) for key in keys])))
