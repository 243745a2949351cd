"""Gold: the table gold.delays, one row per origin, carrier and hour of scheduled departure, with its weather."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataops import tables
from dataops.engine import functions as F
from dataops.engine import session
from dataops.s3 import S3Client
from jobs._delivery import COLUMNS, landed_rows, prefix
from jobs._frames import MALFORMED, delivered_frame, repeated, utc
from jobs._job import ENGINE, command, report
from jobs.tables.gold_delays import TABLE
from jobs.tables.silver_flights import TABLE as FLIGHTS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FILE = "weather.csv"
MEASURES = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
# The hour as an instant, so that the hour which a day has twice stays two rows; its local parts are for people.
HOUR = ("time_hour", "year", "month", "day", "hour")


def weather(delivered: DataFrame) -> DataFrame:
    """Type the delivered weather: one row per airport and hour, measures as numbers."""
    measures = [F.col(name).cast("double").alias(name) for name in MEASURES]
    typed = delivered.where(F.col(MALFORMED).isNull()).select("origin", utc("time_hour").alias("time_hour"), *measures)
    once = typed.withColumn("_repeated", repeated(["origin", "time_hour"], MEASURES))
    return once.where(~F.col("_repeated")).drop("_repeated")


def transform(flights: DataFrame, hourly_weather: DataFrame) -> DataFrame:
    """Aggregate flights to delays per origin, carrier and hour; an hour without weather keeps its row with nulls."""
    delays = flights.groupBy("origin", "carrier", *HOUR).agg(
        F.count("*").alias("flights"),
        F.sum((~F.col("cancelled")).cast("long")).alias("departed"),
        F.sum(F.col("cancelled").cast("long")).alias("cancelled"),
        F.avg("dep_delay").alias("mean_dep_delay"),
        F.avg("arr_delay").alias("mean_arr_delay"),
    )
    return delays.join(hourly_weather, ["origin", "time_hour"], "left")


def main(load: str, engine: str = "") -> None:
    """Replace the table's months by what silver.flights and the load's weather say, in one commit."""
    lines = landed_rows(S3Client(), load, FILE)
    with session("flights_gold", reads=[FLIGHTS.name, prefix(load) + FILE], told=engine, publishes=TABLE) as frames:
        flights = tables.read(frames, FLIGHTS.name)
        delays = transform(flights, weather(delivered_frame(frames, lines, COLUMNS[FILE]))).persist()
        sums = delays.agg(
            F.sum("flights").alias("flights"), F.count("*").alias("rows"), F.count("temp").alias("weather")
        )
        totals = sums.collect()[0]
        snapshot = tables.publish(delays, TABLE)
        report(
            "gold",
            load,
            rows_in=flights.count(),
            rows_out=totals["flights"],  # flights that the table accounts for: an aggregate loses none
            rejected={},
            table=TABLE.name,
            snapshot=snapshot,
            table_rows=totals["rows"],
            table_rows_with_weather=totals["weather"],
            weather_rows_in=len(lines),
        )


if __name__ == "__main__":
    command(main, __doc__, engine=ENGINE)
