"""Blank what ICU, which Node.js links, knows of languages other than English: zeros, so that layers hardly feel the file.

The library keeps its size and its list of contents; only programs that ask for another language's names would miss them.
"""

import re
import struct
import sys
from pathlib import Path

# per locale: names of languages, regions, currencies and units, how to sort, count and spell
LOCALE = re.compile(r"icudt\d+l/((brkitr|coll|curr|lang|rbnf|region|unit|zone)/)?(?!en(_|\.)|root\.)[a-z]{2,3}(_\w+)?\.res")
# where words end in languages without spaces, and how to write one alphabet in another
WORDS = re.compile(r"icudt\d+l/(brkitr/\w+\.dict|translit/(?!root\.|en\.)\w+\.res)")
MAGIC, FORMAT, FORMAT_AT = b"\xda\x27", b"CmnD", 12


def blank(data: bytes) -> bytes:
    """Blank the contents that are not English.

    Args:
        data: The library libicudata, or the package within.

    Returns:
        As many bytes.

    Raises:
        ValueError: It holds no package of ICU's.
    """
    begin = data.find(FORMAT) - FORMAT_AT
    if begin < 0 or data[begin + 2 : begin + 4] != MAGIC:
        raise ValueError("no package of ICU's data is in the file")
    table = begin + struct.unpack_from("<H", data, begin)[0]
    count = struct.unpack_from("<I", data, table)[0]
    entries = [struct.unpack_from("<II", data, table + 4 + 8 * number) for number in range(count)]
    result = bytearray(data)
    for (name_at, at), (_, end) in zip(entries, entries[1:]):
        name = data[table + name_at : data.index(b"\0", table + name_at)].decode("ascii")
        if LOCALE.fullmatch(name) or WORDS.fullmatch(name):
            result[table + at : table + end] = bytes(end - at)
    return bytes(result)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_bytes(blank(path.read_bytes()))
