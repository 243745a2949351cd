"""Spark sessions that know the platform: `from dataops.spark.session import create_spark_session`."""
