"""Spark in its own image, over TLS: a job as people write them runs unchanged."""

from collections.abc import Callable

import pandas as pd

from dataops.config import Settings
from dataops.s3 import S3Client

SignIn = Callable[[str], Settings]


def test_a_job_of_the_usual_shape_runs_unchanged(sign_in: SignIn, spark: Callable[..., str]) -> None:
    s3 = S3Client(sign_in("job"))
    events = pd.DataFrame({"id": [1, 2, 3, 4], "value": [1.5, -1.0, None, 2.0], "name": ["a", "b", "c", None]})
    s3.write_parquet(events, "bronze/events/part-0.parquet")
    spark("job", "-m", "tests.integration.programs.job")
    assert s3.read_parquet("sandbox/events").to_dict("records") == [{"id": 1, "value": 1.5, "name": "a"}]
    assert s3.list_objects("spark-events/eventlog_v2_")
