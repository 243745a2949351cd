"""A request as the store sees it."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote


@dataclass
class Request:
    """One request: what came over the wire, and the bucket and key it is about."""

    method: str
    raw_path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in small letters
    body: bytes
    bucket: str
    key: str
    virtual: bool

    def header(self, name: str) -> str:
        """A header's value, "" where it was not sent."""
        return self.headers.get(name, "")


def parse(method: str, target: str, headers: dict[str, str], body: bytes, buckets: list[str]) -> Request:
    """Read a request; its bucket stands in the host's name or in the path."""
    raw_path, _, raw_query = target.partition("?")
    query = dict(parse_qsl(raw_query, keep_blank_values=True))
    host = headers.get("host", "").partition(":")[0]
    for bucket in buckets:
        if host.startswith(f"{bucket}."):
            return Request(method, raw_path, query, headers, body, bucket, unquote(raw_path[1:]), True)
    bucket, _, key = raw_path[1:].partition("/")
    return Request(method, raw_path, query, headers, body, unquote(bucket), unquote(key), False)
