"""Write a jar that holds nothing but the order of other jars: the class data archive is true for one order only.

What a launcher makes of `jars/*` is in the order of the folder, which differs from disk to disk; this one comes first.
"""

import os
import sys
import zipfile
from pathlib import Path

WIDTH = 72  # bytes of a line of a manifest; one that goes on begins with a space
EPOCH = (1980, 1, 1, 0, 0, 0)


def manifest(names: list[str]) -> bytes:
    """A manifest whose class path is the given files.

    Args:
        names: Paths relative to the jar that holds it.

    Returns:
        Its bytes.
    """
    line = f"Class-Path: {' '.join(names)}".encode()
    parts = [line[:WIDTH], *(b" " + line[at : at + WIDTH - 1] for at in range(WIDTH, len(line), WIDTH - 1))]
    return b"\r\n".join([b"Manifest-Version: 1.0", *parts, b"", b""])


def main(folder: str, target: str) -> None:
    """List the jars of a folder in one that lies elsewhere.

    Args:
        folder: Where they are.
        target: The jar to write.
    """
    place, jars = Path(target).parent, sorted(Path(folder).glob("*.jar"))
    names = [Path(os.path.relpath(jar, place)).as_posix() for jar in jars]
    with zipfile.ZipFile(target, "w") as written:
        written.writestr(zipfile.ZipInfo("META-INF/MANIFEST.MF", EPOCH), manifest(names))
    # the archive remembers its date, which the layer will set to that of all files: the others have it already
    date = max(jar.stat().st_mtime for jar in jars)
    os.utime(target, (date, date))


if __name__ == "__main__":
    main(*sys.argv[1:])
