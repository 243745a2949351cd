"""The history server compacts what long sessions wrote, and leaves short ones whole."""

import pytest
from pyspark import __version__

from dataops.config import Settings
from dataops.spark.conf import spark_conf
from tests.charts.harness import ENVIRONMENTS, Variant, render


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_a_hundred_megabytes_of_a_log_stay_whole(env: str) -> None:
    (found,) = [one for one in render(Variant("spark", env)) if one["kind"] == "ConfigMap"]
    lines = found["data"]["spark-defaults.conf"].splitlines()
    conf = dict(line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    session = spark_conf(Settings.model_construct(s3_endpoint_url="https://s3"), spark_version=__version__)
    assert session["spark.eventLog.rolling.enabled"] == "true"
    kept = int(conf["spark.history.fs.eventLog.rolling.maxFilesToRetain"])
    assert kept * int(session["spark.eventLog.rolling.maxFileSize"].removesuffix("m")) == 100
    assert (
        conf["spark.hadoop.fs.s3a.directory.marker.retention"] == "keep"
    ), "it would delete folders of running sessions"
