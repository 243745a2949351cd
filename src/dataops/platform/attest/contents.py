"""What an image holds, read from its layers as a registry has them, not from the lists it was built from."""

import email
import hashlib
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import zstandard
from packageurl import PackageURL

from dataops.platform.images.layout import WINDOW, blob, read_manifest

WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"
POM = re.compile(r"META-INF/maven/[^/]+/[^/]+/pom\.properties")
JAR = re.compile(r"(.+?)-(\d[^/]*)\.jar")


@dataclass(frozen=True)
class Part:
    """Something with a name and a version that an image holds.

    Attributes:
        url: Its package URL, which scanners look up.
        path: The file that says so.
        sha256: Of that file, where the file is the part itself.
        inside: Parts that are packed into this one.
    """

    url: PackageURL
    path: str
    sha256: str | None = None
    inside: tuple["Part", ...] = ()


def read_parts(layout: Path, reference: str) -> list[Part]:
    """List what an image holds: Debian's packages, Python's, npm's, the jars and Java.

    Args:
        layout: The OCI layout that it lies in.
        reference: Its name there.

    Returns:
        The parts in a fixed order.
    """
    found: dict[str, list[Part]] = {}
    for layer in read_manifest(layout, reference)["layers"]:
        _add_layer(blob(layout, layer["digest"]), found)
    parts = {(part.url.to_string(), part.path): part for parts in found.values() for part in parts}
    return [parts[key] for key in sorted(parts)]


def _add_layer(path: Path, found: dict[str, list[Part]]) -> None:
    """Put the files of a layer over those below it."""
    here: dict[str, list[Part]] = {}
    with path.open("rb") as packed:
        plain = zstandard.ZstdDecompressor(max_window_size=2**WINDOW).stream_reader(packed)
        with tarfile.open(fileobj=plain, mode="r|") as archive:
            for member in archive:
                name = member.name.removeprefix("./")
                folder, _, last = name.rpartition("/")
                if last == OPAQUE:
                    _forget(found, folder)
                elif last.startswith(WHITEOUT):
                    _forget(found, f"{folder}/{last.removeprefix(WHITEOUT)}".lstrip("/"))
                elif member.isfile():
                    found.pop(name, None)
                    reader = next((read for pattern, read in READERS if pattern.fullmatch(name)), None)
                    content = archive.extractfile(member) if reader else None
                    if reader and content:
                        here[name] = reader(name, content)
    found.update(here)


def _forget(found: dict[str, list[Part]], path: str) -> None:
    for known in [one for one in found if one == path or one.startswith(f"{path}/")]:
        del found[known]


def _debian(path: str, content: IO[bytes]) -> list[Part]:
    parts = []
    for stanza in content.read().decode().split("\n\n"):
        fields = email.message_from_string(stanza)
        if fields["Status"] == "install ok installed":
            qualifiers = {"arch": fields["Architecture"]}
            parts.append(Part(PackageURL("deb", "debian", fields["Package"], fields["Version"], qualifiers), path))
    return parts


def _python(path: str, content: IO[bytes]) -> list[Part]:
    fields = email.message_from_bytes(content.read())
    name = re.sub(r"[-_.]+", "-", fields["Name"]).lower()
    return [Part(PackageURL("pypi", None, name, fields["Version"]), path)]


def _npm(path: str, content: IO[bytes]) -> list[Part]:
    fields = json.load(content)
    if "name" not in fields or "version" not in fields:  # a folder's own settings, no package
        return []
    scope, _, name = fields["name"].rpartition("/")
    return [Part(PackageURL("npm", scope or None, name, fields["version"]), path)]


def _java(path: str, content: IO[bytes]) -> list[Part]:
    fields = dict(line.split("=", 1) for line in content.read().decode().splitlines() if "=" in line)
    version = fields["JAVA_RUNTIME_VERSION" if "JAVA_RUNTIME_VERSION" in fields else "JAVA_VERSION"].strip('"')
    return [Part(PackageURL("generic", "openjdk", "openjdk", version), path)]


def _jar(path: str, content: IO[bytes]) -> list[Part]:
    """A jar by the Maven coordinate that its file name tells, and those of what was packed into it."""
    data = content.read()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        poms = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if POM.fullmatch(name)]
    told = [dict(line.split("=", 1) for line in pom.splitlines() if "=" in line and line[0] != "#") for pom in poms]
    urls = [
        PackageURL("maven", one["groupId"].strip(), one["artifactId"].strip(), one["version"].strip())
        for one in told
        if {"groupId", "artifactId", "version"} <= set(one)
    ]
    file = path.rpartition("/")[2]
    own = next((url for url in urls if file.startswith(f"{url.name}-{url.version}")), None)
    if own is None:
        match = JAR.fullmatch(file)
        own = PackageURL("maven", None, match[1], match[2]) if match else PackageURL("generic", None, file)
    inside = tuple(Part(url, path) for url in sorted(set(urls) - {own}, key=PackageURL.to_string))
    return [Part(own, path, hashlib.sha256(data).hexdigest(), inside)]


READERS: tuple[tuple[re.Pattern[str], Callable[[str, IO[bytes]], list[Part]]], ...] = (
    (re.compile(r"var/lib/dpkg/status"), _debian),
    (re.compile(r".+\.dist-info/METADATA"), _python),
    (re.compile(r"(.+/)?node_modules/(@[^/]+/)?[^/]+/package\.json"), _npm),
    (re.compile(r"usr/lib/jvm/java/release"), _java),
    (re.compile(r".+\.jar"), _jar),
)
