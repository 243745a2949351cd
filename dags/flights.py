"""Flights of New York, 2013: the files as delivered become a table, daily delays with weather, and a model."""

from dataops.airflow import LOAD, daily_dag, python_task, spark_task

ARGUMENTS = ["--load", LOAD]

with daily_dag(
    "flights",
    owner="data-engineering",
    description="Lands the flights, cleans them, aggregates delays with weather and trains a delay model.",
    tags=["sample", "flights"],
):
    bronze = python_task("bronze", module="jobs.flights_bronze", arguments=ARGUMENTS)
    # told, or this little would run without executors, and each run is to show that the platform's Spark works
    silver = spark_task("silver", module="jobs.flights_silver", arguments=[*ARGUMENTS, "--engine", "spark"])
    gold = spark_task("gold", module="jobs.flights_gold", arguments=ARGUMENTS)
    model = python_task("model", module="jobs.flights_model", arguments=ARGUMENTS)

    bronze >> silver >> gold >> model
