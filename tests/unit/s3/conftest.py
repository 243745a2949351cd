"""An S3 store in this process, from the fixtures that the library ships."""

from dataops.testing.fixtures import s3, s3_settings

__all__ = ["s3", "s3_settings"]
