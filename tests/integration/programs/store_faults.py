"""Reads and publishes with Spark while the store fails in every way at once, each at a table of its own.

Prints one JSON line for each way: what the read and the publication said, nothing where all went well.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pyspark.sql import SparkSession

from dataops import tables
from dataops.spark.session import create_spark_session
from dataops.tables import Table
from dataops.tables.verify import verify
from tests.integration.programs.driver import KILLED, rows, sum_of
from tests.integration.programs.faults import between
from tests.integration.store_faults import FAULTS, name, rules

LENGTH = 100  # files of 300 kB


def table(fault: str) -> Table:
    """The table that meets a fault."""
    return replace(KILLED, name=f"silver.{name('spark', fault)}")


def attempt(spark: SparkSession, fault: str) -> dict[str, str]:
    """Read the first version and publish the second one, and return what went wrong."""
    said = {"read": "", "publish": ""}
    try:
        found = sum_of(tables.read(spark, table(fault).name))
        assert found == sum_of(rows(spark, 1, 0, LENGTH)), f"{fault}: other rows were read"
    except AssertionError:
        raise
    except Exception as error:
        said["read"] = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
    try:
        tables.publish(rows(spark, 1, 1, LENGTH), table(fault), run="second")
    except Exception as error:
        said["publish"] = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
    return said


def judge(spark: SparkSession, fault: str, first: int, failed: bool) -> None:
    """Look at what is there: one whole version, the earlier one too, and the same run once more repairs it."""
    wanted = [sum_of(rows(spark, 1, version, LENGTH)) for version in (0, 1)]
    about = table(fault)
    found = sum_of(tables.read(spark, about.name))
    assert found in wanted[not failed :], f"{fault}: a part of a publication is seen"
    assert sum_of(tables.read(spark, about.name, first)) == wanted[0], f"{fault}: the version before cannot be read"
    assert verify(about.name) == [], verify(about.name)
    tables.publish(rows(spark, 1, 1, LENGTH), about, run="second")
    assert sum_of(tables.read(spark, about.name)) == wanted[1], f"{fault}: the rerun did not repair it"


def main() -> None:
    """Publish first versions, let everything go wrong, and look."""
    with between() as faults, create_spark_session("store_faults") as spark:
        spark.sparkContext.setLogLevel("OFF")
        first = {fault: tables.publish(rows(spark, 1, 0, LENGTH), table(fault), run="first") for fault in FAULTS}
        faults.store.rules[:] = rules("spark")
        with ThreadPoolExecutor(len(FAULTS)) as pool:
            said = dict(zip(FAULTS, pool.map(lambda fault: attempt(spark, fault), FAULTS), strict=True))
        met = {fault: sum(r.happened for r in faults.store.rules if r.path == name("spark", fault)) for fault in FAULTS}
        faults.disarm()
        for fault in FAULTS:
            judge(spark, fault, first[fault], bool(said[fault]["publish"]))
            print(json.dumps({"fault": fault, "met": met[fault], **said[fault]}), flush=True)


if __name__ == "__main__":
    main()
