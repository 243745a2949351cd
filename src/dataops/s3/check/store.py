"""The store as probes see it: a prefix of their own in it, and what is left there goes at the end."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from urllib3.exceptions import HTTPError

from dataops.s3.check.wire import Answer, Signature, Wire

HOME = "sandbox/_s3check/"
_THREADS = 16
_One = TypeVar("_One")
_Made = TypeVar("_Made")


class Store:
    """One bucket, reached in the way that works."""

    def __init__(self, wire: Wire) -> None:
        """Choose a prefix that nobody else has."""
        self.wire, self.send = wire, wire.send
        self.prefix = f"{HOME}{uuid.uuid4().hex}/"
        self._keys: set[str] = set()
        self._uploads: dict[str, str] = {}

    def key(self, name: str) -> str:
        """A key of this run; it is remembered, so that it goes even where listings hide it."""
        self._keys.add(self.prefix + name)
        return self.prefix + name

    def put(
        self, key: str, body: bytes, headers: dict[str, str] | None = None, signature: Signature | None = None
    ) -> Answer:
        """Write an object."""
        return self.send("PUT", key, headers=headers, body=body, signature=signature)

    def get(self, key: str, headers: dict[str, str] | None = None) -> Answer:
        """Read an object."""
        return self.send("GET", key, headers=headers)

    def damage(self, key: str, body: bytes) -> str | None:
        """How an object differs from what was written, None where it does not."""
        found = self.get(key)
        if not found.ok:
            return f"written, but reading it back was refused: {found.said}"
        if found.body == body:
            return None
        if b"chunk-signature=" in found.body or b"x-amz-checksum" in found.body:
            return "the frames of the chunks became part of the object"
        return f"{len(found.body)} bytes came back instead of {len(body)}, or others"

    def round_trip(
        self, name: str, body: bytes, headers: dict[str, str] | None = None, signature: Signature | None = None
    ) -> str | None:
        """Write and read back; return what went wrong, None where nothing did."""
        key = self.key(name)
        answer = self.put(key, body, headers, signature)
        return self.damage(key, body) if answer.ok else f"refused: {answer.said}"

    def listed(self, prefix: str, version: str = "2", page: int = 1000) -> list[str]:
        """Every key below a prefix, page by page.

        Raises:
            LookupError: the store refused, or its answer cannot be read or goes on for ever.
        """
        keys: list[str] = []
        query = {"list-type": "2"} if version == "2" else {}
        query |= {"prefix": prefix, "max-keys": str(page), "encoding-type": "url"}
        while True:
            answer = self.send("GET", query=query)
            try:
                found = answer.texts("Key") if answer.ok else []
                more = answer.ok and answer.texts("IsTruncated") == ["true"]
                coded = answer.ok and answer.texts("EncodingType") == ["url"]
                tokens = answer.texts("NextContinuationToken") if more else []
            except ElementTree.ParseError:
                raise LookupError("the listing is no XML") from None
            if not answer.ok:
                raise LookupError(f"the listing was refused: {answer.said}")
            new = [unquote_plus(key) if coded else key for key in found]
            if more and (not new or new[0] in keys):
                raise LookupError("the listing goes round in circles")
            keys += new
            if not more:
                return keys
            query |= {"continuation-token": tokens[0]} if version == "2" and tokens else {"marker": keys[-1]}

    def begin(self, name: str) -> str:
        """Start a multipart upload and return its id, "" where that was refused."""
        key = self.key(name)
        answer = self.send("POST", key, {"uploads": ""})
        found = answer.texts("UploadId") if answer.ok else []
        for upload in found:
            self._uploads[upload] = key
        return found[0] if found else ""

    def many(self, work: Callable[[_One], _Made], items: Iterable[_One]) -> list[_Made]:
        """Do something with each item, several at a time."""
        with ThreadPoolExecutor(_THREADS) as threads:
            return list(threads.map(work, items))

    def tidy(self) -> list[str]:
        """Abort every upload and delete every object of this run; return what could not be removed."""
        left = [f"upload {upload}" for upload, key in self._uploads.items() if not self._aborted(key, upload)]
        self._remove(self._keys)
        with suppress(LookupError, HTTPError):
            while found := set(self.listed(self.prefix)):
                self._remove(found)
                if found <= set(self.listed(self.prefix)):
                    return left + sorted(found)
        return left

    def _aborted(self, key: str, upload: str) -> bool:
        try:
            answer = self.send("DELETE", key, {"uploadId": upload})
        except HTTPError:
            return False
        return answer.ok or answer.status == 404  # completed, or aborted before

    def _remove(self, keys: Iterable[str]) -> None:
        def one(key: str) -> None:
            with suppress(HTTPError):
                self.send("DELETE", key)

        self.many(one, keys)
