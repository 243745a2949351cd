"""The lake by night: tables become as declared, small files large, and what nobody needs any more goes."""

from dataops.airflow import LOAD, daily_dag, python_task, spark_task

ARGUMENTS = ["--load", LOAD]

with daily_dag(
    "lake_maintenance",
    owner="data-engineering",
    description="Brings tables to their declarations, compacts them, deletes what is old or was left by killed writes.",
    tags=["lake"],
    hour=4,
):
    # neither waits for the other: a declaration that is refused is no reason to let files pile up
    python_task("tables", module="jobs.lake_tables", arguments=ARGUMENTS)
    spark_task("maintenance", module="jobs.lake_maintenance", arguments=ARGUMENTS)
