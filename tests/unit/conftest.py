"""A local Spark, one machine's engine and an S3 store in this process, from the fixtures that the library ships."""

from dataops.testing.fixtures import engine_session, local_spark, s3, s3_settings, single_machine

__all__ = ["engine_session", "local_spark", "s3", "s3_settings", "single_machine"]
