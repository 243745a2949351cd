"""silver.flights: one typed row per flight."""

from dataops.quality import InRange, Matches, NotNull, OneOf, RowCountDrift, Unique
from dataops.tables.declare import Column, Table

FLIGHT = ("carrier", "flight", "origin", "dest", "scheduled_departure")

TABLE = Table(
    name="silver.flights",
    owner="data-engineering",
    description="Flights that left, or should have left, New York's three airports; one row each.",
    partition_by=("year", "month"),
    keys=FLIGHT,
    expectations=(
        Unique(*FLIGHT),
        *(NotNull(name) for name in ("year", "month", "cancelled", *FLIGHT)),
        NotNull("tailnum", max_rate=0.05, severity="warning"),  # 0.7 % of 2013 have none
        OneOf("origin", ("EWR", "JFK", "LGA")),
        Matches("dest", "[A-Z]{3}"),
        InRange("month", 1, 12),
        InRange("distance", minimum=1),
        InRange("dep_delay", -120, 1440, severity="warning"),
        RowCountDrift(2, severity="warning"),
    ),
    columns=(
        Column("year", "int", description="Of the day of departure, as the airport's clock shows it."),
        Column("month", "int", description="Of the day of departure, as the airport's clock shows it."),
        Column("day", "int", description="Of the day of departure, as the airport's clock shows it."),
        Column("dep_time", "int", description="When it left, as hour * 100 + minute; 2400 is midnight."),
        Column("sched_dep_time", "int", description="When it should have left, as hour * 100 + minute."),
        Column("dep_delay", "int", description="Minutes; negative is early."),
        Column("arr_time", "int", description="When it arrived, as hour * 100 + minute; 2400 is midnight."),
        Column("sched_arr_time", "int", description="When it should have arrived, as hour * 100 + minute."),
        Column("arr_delay", "int", description="Minutes; negative is early."),
        Column("carrier", "string", description="Code of the airline."),
        Column("flight", "int", description="Number of the flight."),
        Column("tailnum", "string", description="Registration of the aircraft."),
        Column("origin", "string", description="EWR, JFK or LGA."),
        Column("dest", "string", description="Code of the airport it flew to."),
        Column("air_time", "int", description="Minutes in the air."),
        Column("distance", "int", description="Miles between the airports."),
        Column("hour", "int", description="Of the scheduled departure, as the airport's clock shows it."),
        Column("minute", "int", description="Of the scheduled departure."),
        Column("time_hour", "timestamp", description="Hour of the scheduled departure; joins with the weather."),
        Column("scheduled_departure", "timestamp", description="When it should have left."),
        Column("departure", "timestamp", description="When it left; empty where it was cancelled."),
        Column("scheduled_departure_local", "timestamp_ntz", description="What the clock at the airport showed."),
        Column("cancelled", "boolean", description="It never left."),
    ),
)
