"""Paths of the lake: `bronze/x` and `s3a://data-lake/bronze/x` are the same."""

import re

from dataops.errors import UserError

KEY_BYTES = 1024
_ODD = re.compile(r"^$|^/|/$|//|[\x00-\x1f\x7f]|(^|/)\.{1,2}(/|$)")


def split(path: str, bucket: str) -> tuple[str, str]:
    """Return bucket and key of a path; a path without a scheme lies in the given bucket.

    Raises:
        UserError: the scheme is none of S3's, or no bucket is named.
    """
    scheme, separator, rest = path.partition("://")
    if not separator:
        return bucket, path.lstrip("/")
    if scheme not in ("s3", "s3a"):
        raise UserError(
            f"{path} is not a path of the lake; write s3a://{bucket}/... or only what comes after the bucket"
        )
    named, _, key = rest.partition("/")
    if not named:
        raise UserError(f"{path} names no bucket; write s3a://{bucket}/...")
    return named, key


def of_object(path: str, bucket: str) -> tuple[str, str]:
    """Return bucket and key of a path that names one object.

    Raises:
        UserError: the path names no object, a bucket that cannot be, or a key that is too long.
    """
    named, key = split(path, bucket)
    if not key or not re.fullmatch(r"[A-Za-z0-9._-]{1,255}", named):
        raise UserError(
            f"{path!r} is no path of an object; write <folder>/<name> or s3a://<bucket>/<folder>/<name>, and check"
            " S3_BUCKET"
        )
    if len(key.encode()) > KEY_BYTES:
        raise UserError(f"{path[:60]}... is longer than the {KEY_BYTES} bytes that S3 allows for a key; shorten it")
    return named, key


def url(path: str, bucket: str) -> str:
    """Return a path in the form Spark reads: s3a://bucket/key, without a slash at its end."""
    return "s3a://" + "/".join(split(path, bucket)).rstrip("/")


def is_plain(key: str) -> bool:
    """Return whether object_store takes a key as it is: it knows no empty, `.` or `..` folders and no control signs."""
    return not _ODD.search(key)
