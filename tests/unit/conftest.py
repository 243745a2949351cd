"""A local Spark and an S3 store in this process, from the fixtures that the library ships."""

from dataops.testing.fixtures import local_spark, s3, s3_settings

__all__ = ["local_spark", "s3", "s3_settings"]
