"""Spark in its own image: S3A over TLS, the JDBC catalog, and the same rows for Spark and pyiceberg."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dataops.config import Settings
from dataops.s3 import S3Client
from dataops.tables import current_snapshot, load_table, read_pandas
from tests.integration.services import Services, container

SignIn = Callable[[str], Settings]
PROGRAMS = Path(__file__).parent / "programs"
TRUST = "-Djavax.net.ssl.trustStore=/etc/dataops/ca/truststore.p12 -Djavax.net.ssl.trustStoreType=PKCS12"


@pytest.fixture
def spark(catalog: Services, images: dict[str, str]) -> Callable[..., str]:
    """Return a function that runs a program in the spark image as an account and returns what it printed."""

    def run(account: str, *command: str) -> str:
        bundle = "/etc/dataops/ca/ca-bundle.crt"
        environment = catalog.environment(account) | {
            "DATAOPS_CA_BUNDLE": bundle,
            "PGSSLROOTCERT": bundle,
            "SPARK_MASTER_URL": "local[2]",
            "JAVA_TOOL_OPTIONS": TRUST,
        }
        del environment["PGPASSFILE"]  # the image's entrypoint makes it from the mounted Secret
        secret = catalog.folder / f"secret-{account}"
        secret.mkdir(exist_ok=True)
        (secret / "pgpass").write_text(catalog.pgpass(f"lake_{account}").read_text(encoding="utf-8"), encoding="utf-8")
        mounts = {PROGRAMS: "/programs", catalog.folder / "ca": "/etc/dataops/ca", secret: "/etc/dataops/catalog"}
        with container(images["spark"], ["python", *command], mounts, environment) as started:
            code = started.get_wrapped_container().wait(timeout=400)["StatusCode"]
            out, err = (stream.decode() for stream in started.get_logs())
        assert code == 0, f"{out}\n{err}"
        return str(out)

    return run


def result(printed: str) -> dict[str, Any]:
    """Return what a program found."""
    (line,) = [line for line in printed.splitlines() if line.startswith("RESULT ")]
    found: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
    return found


def test_a_job_of_the_usual_shape_runs_unchanged(sign_in: SignIn, spark: Callable[..., str]) -> None:
    s3 = S3Client(sign_in("job"))
    events = pd.DataFrame({"id": [1, 2, 3, 4], "value": [1.5, -1.0, None, 2.0], "name": ["a", "b", "c", None]})
    s3.write_parquet(events, "bronze/events/part-0.parquet")
    spark("job", "/programs/job.py")
    assert s3.read_parquet("sandbox/events").to_dict("records") == [{"id": 1, "value": 1.5, "name": "a"}]
    assert s3.list_objects("spark-events/eventlog_v2_")


def test_tables_are_the_same_for_spark_and_pyiceberg(sign_in: SignIn, spark: Callable[..., str]) -> None:
    found = result(spark("job", "/programs/tables.py", "job"))
    assert found["before"] == {"0": 18.0, "1": 22.0, "2": 26.0}
    assert found["now"] == found["by_path"] == {"0": 18.0, "1": 0.0, "2": 26.0}
    assert found["whole"] == 2
    assert "dataops.tables.publish(df, " in found["onto_table"] and "silver.numbers" in found["onto_table"]
    assert "is partitioned by month, not by nothing" in found["other_partition"]
    assert "less: x" in found["other_columns"]
    assert "there is no table silver.nothing" in found["no_table"]
    assert "s3a://data-lake/bronze/nothing does not exist" in found["no_path"]
    sign_in("job")
    assert current_snapshot("silver.numbers") == found["second"] != found["first"]
    frame = read_pandas("silver.numbers", columns=["month", "x"])
    assert {str(month): x for month, x in frame.groupby("month")["x"].sum().items()} == found["now"]
    assert len(read_pandas("silver.numbers", snapshot_id=found["first"])) == 12
    assert load_table("silver.numbers").location() == "s3a://data-lake/silver/numbers"

    said = result(spark("notebook", "/programs/tables.py", "notebook"))
    assert "lake_notebook may not write tables of silver" in said["silver"] and said["sandbox"] == 12
    assert load_table("sandbox.mine").location() == "s3a://data-lake/sandbox/_tables/mine"
