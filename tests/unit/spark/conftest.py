"""A local Spark, from the fixtures that the library ships."""

from dataops.testing.fixtures import local_spark

__all__ = ["local_spark"]
