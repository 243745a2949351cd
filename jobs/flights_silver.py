"""Silver: the delivered flights as the table silver.flights, one typed row per flight, partitioned by month."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from dataops import tables
from dataops.engine import functions as F
from dataops.engine import session
from dataops.errors import UserError
from dataops.s3 import S3Client
from jobs._delivery import COLUMNS, landed_rows, prefix
from jobs._frames import MALFORMED, delivered_frame, integer, repeated, utc
from jobs._job import ENGINE, command, report
from jobs.tables.silver_flights import TABLE

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

FILE = "flights.csv.zip"
ORIGINS = ("EWR", "JFK", "LGA")
ZONE = "America/New_York"  # of all three origins

TEXT = ("carrier", "tailnum", "origin", "dest")
READ = tuple(name for name in COLUMNS[FILE] if name not in TEXT)
# A cancelled flight has no times of its own and sometimes no aircraft; everything else each flight has.
OPTIONAL = ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "tailnum")
REQUIRED = tuple(name for name in COLUMNS[FILE] if name not in OPTIONAL)
REASON = "rejected"
_READ = "_read_"  # before the name of a column: what its text was read as


def transform(delivered: DataFrame) -> DataFrame:
    """Type and clean the delivered flights.

    Returns:
        Every delivered row, with the source's columns typed and four more: `scheduled_departure` and `departure`
        (instants; midnight and the two days when clocks change come out right), `scheduled_departure_local` (what the
        clock at the airport shows) and `cancelled`. Column `rejected` says why a row does not enter the table.
    """
    read = {name: utc(name) if name == "time_hour" else integer(name) for name in READ}
    typed = (
        delivered.withColumns({_READ + name: column for name, column in read.items()})
        .select(*(F.col(_READ * (name in READ) + name).alias(name) for name in COLUMNS[FILE]), _unreadable())
        .withColumns({"scheduled_departure": _later("time_hour", "minute"), "cancelled": F.col("dep_time").isNull()})
        .withColumns(
            {
                "departure": _later("scheduled_departure", "dep_delay"),
                "scheduled_departure_local": F.local_time("scheduled_departure", ZONE),
            }
        )
        .withColumn(REASON, F.coalesce(REASON, _implausible()))
    )
    # only rows that would enter the table can repeat each other
    fine = F.col(REASON).isNull()
    return (
        typed.withColumn("_fine", fine)
        .withColumn(
            REASON, F.when(fine & repeated(["_fine", *TABLE.keys], COLUMNS[FILE]), "duplicate").otherwise(F.col(REASON))
        )
        .drop("_fine")
    )


def accepted(cleaned: DataFrame) -> DataFrame:
    """Return the rows that enter the table."""
    return cleaned.where(F.col(REASON).isNull()).drop(REASON)


def _unreadable() -> Column:
    wrong = [F.col(name).isNotNull() & F.col(_READ + name).isNull() for name in READ]
    return (
        F.when(F.col(MALFORMED).isNotNull(), "malformed_line")
        .when(_any([F.col(name).isNull() for name in REQUIRED]), "missing_value")
        .when(_any(wrong), "wrong_type")
        .alias(REASON)
    )


def _implausible() -> Column:
    # 2400 is how the source writes the midnight that ends a day
    clocks = [
        (F.col(name) < 0) | (F.col(name) > latest) | (F.col(name) % 100 > 59)
        for name, latest in (("sched_dep_time", 2359), ("dep_time", 2400), ("sched_arr_time", 2400), ("arr_time", 2400))
    ]
    local = F.col("scheduled_departure_local")
    disagree = (
        (F.year(local) != F.col("year"))
        | (F.month(local) != F.col("month"))
        | (F.dayofmonth(local) != F.col("day"))
        | (F.hour(local) != F.col("hour"))
        | (F.col("hour") * 100 + F.col("minute") != F.col("sched_dep_time"))
    )
    return (
        F.when(_any(clocks), "time_out_of_range")
        .when(~F.col("origin").isin(*ORIGINS), "unknown_origin")
        .when(disagree, "times_disagree")
    )


def _later(instant: str, minutes: str) -> Column:
    return F.timestamp_seconds(F.unix_seconds(instant) + F.col(minutes) * 60)


def _any(conditions: list[Column]) -> Column:
    return F.coalesce(reduce(or_, (F.coalesce(each, F.lit(False)) for each in conditions)), F.lit(False))


def main(load: str, engine: str = "") -> None:
    """Replace the delivered months of the table by what the load holds, in one commit."""
    lines = landed_rows(S3Client(), load, FILE)
    with session("flights_silver", reads=[prefix(load) + FILE], told=engine, publishes=TABLE) as frames:
        cleaned = transform(delivered_frame(frames, lines, COLUMNS[FILE])).persist()
        counts = {row[REASON]: row["count"] for row in cleaned.groupBy(REASON).count().collect()}
        rows_out = counts.pop(None, 0)
        if not rows_out:
            raise UserError(f"{prefix(load)}{FILE} holds no usable flight ({counts}); ask for a new delivery")
        snapshot = tables.publish(accepted(cleaned), TABLE)
        report(
            "silver", load, rows_in=len(lines), rows_out=rows_out, rejected=counts, table=TABLE.name, snapshot=snapshot
        )


if __name__ == "__main__":
    command(main, __doc__, engine=ENGINE)
