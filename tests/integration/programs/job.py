"""A job as people write them; it must run unchanged."""

from dataops.s3 import S3Client
from dataops.spark.session import create_spark_session

S3Client().check_connectivity()
spark = create_spark_session()
df = spark.read.parquet("s3a://data-lake/bronze/events")
df.filter(df.value > 0).dropna().write.mode("overwrite").parquet("s3a://data-lake/sandbox/events")
