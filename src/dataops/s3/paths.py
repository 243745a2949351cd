"""Paths of the lake: `bronze/x` and `s3a://data-lake/bronze/x` are the same."""

from dataops.errors import UserError


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


def url(path: str, bucket: str) -> str:
    """Return a path in the form Spark reads: s3a://bucket/key, without a slash at its end."""
    return "s3a://" + "/".join(split(path, bucket)).rstrip("/")
