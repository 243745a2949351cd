"""Make installed Python packages ready for a read-only root: libraries without what only debuggers read, modules compiled.

A module of a layer below is left as it is when its bytecode is that of its source, so that no layer holds it twice.
"""

import importlib.util
import py_compile
import struct
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")  # of a 64-bit ELF file
SEGMENT = struct.Struct("<IIQQQQQQ")
SECTION = struct.Struct("<IIQQQQIIQQ")
ALLOCATED, NO_BITS, LOAD, SHARED = 2, 8, 1, 3
UNCHECKED = 1  # flags of a pyc that is never compared with its source's date


def without_symbols(data: bytes) -> bytes:
    """A shared library up to the end of what is loaded: symbol tables and debugging sections lie behind it.

    Args:
        data: The file.

    Returns:
        The shorter file; the same one when it is no shared library, or holds anything else behind what is loaded.
    """
    if data[:6] != b"\x7fELF\x02\x01" or len(data) < HEADER.size:
        return data
    fields = list(HEADER.unpack_from(data))
    kind, segments, sections, segment_count, section_count = fields[1], fields[5], fields[6], fields[10], fields[12]
    if kind != SHARED or not sections:
        return data
    loaded = [SEGMENT.unpack_from(data, segments + number * SEGMENT.size) for number in range(segment_count)]
    described = [SECTION.unpack_from(data, sections + number * SECTION.size) for number in range(section_count)]
    end = max([offset + size for _, _, offset, _, _, size, *_ in loaded], default=0)
    needed = [offset + size for _, kind_, flags, _, offset, size, *_ in described if flags & ALLOCATED and kind_ != NO_BITS]
    known = max([sections + section_count * SECTION.size, *(one[4] + one[5] for one in described if one[1] != NO_BITS)])
    if not end or max(needed, default=0) > end or known < len(data):
        return data
    fields[6] = fields[12] = fields[13] = 0
    return HEADER.pack(*fields) + data[HEADER.size : end]


def compiled(source: Path) -> bool:
    """Whether a module has the bytecode of its source, of the kind that is never checked against a date."""
    try:
        header = Path(importlib.util.cache_from_source(str(source))).read_bytes()[:16]
    except FileNotFoundError:
        return False
    flags = int.from_bytes(header[4:8], "little")
    return flags == UNCHECKED and header[8:] == importlib.util.source_hash(source.read_bytes())


def compile_module(source: Path) -> None:
    """Compile a module unless that is done; templates and modules of other Pythons stay as they are."""
    if compiled(source):
        return
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    try:
        py_compile.compile(str(source), doraise=True, invalidation_mode=mode)
    except (py_compile.PyCompileError, UnicodeDecodeError):
        return


def cut_library(path: Path) -> None:
    """Write a library anew when it is shorter without its symbols."""
    before = path.read_bytes()
    after = without_symbols(before)
    if len(after) < len(before):
        path.write_bytes(after)


def main(packages: Path) -> None:
    """Finish everything below a site-packages folder.

    Args:
        packages: The folder.
    """
    libraries = [path for path in packages.rglob("*.so*") if path.is_file() and not path.is_symlink()]
    with ProcessPoolExecutor() as pool:
        list(pool.map(cut_library, libraries))
        list(pool.map(compile_module, sorted(packages.rglob("*.py")), chunksize=50))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
