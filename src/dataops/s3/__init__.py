"""The S3 store, whichever it is: `from dataops.s3 import S3Client`."""

from dataops.s3._objects import S3Object
from dataops.s3.client import S3Client

__all__ = ["S3Client", "S3Object"]
