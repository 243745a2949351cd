"""gold.delays: delays per origin, carrier and hour of scheduled departure, with the weather of that hour."""

from dataops.quality import InRange, NotNull, Unique
from dataops.tables.declare import Column, Table

HOUR = ("origin", "carrier", "time_hour")

TABLE = Table(
    name="gold.delays",
    owner="data-engineering",
    description="Delays per origin, carrier and hour of scheduled departure, with the weather of that hour.",
    partition_by=("year", "month"),
    keys=HOUR,
    expectations=(
        Unique(*HOUR),
        *(NotNull(name) for name in HOUR),
        NotNull("temp", max_rate=0.05, severity="warning"),  # hours without weather
        InRange("flights", minimum=1),
        InRange("departed", minimum=0),
    ),
    columns=(
        Column("origin", "string", description="EWR, JFK or LGA."),
        Column("time_hour", "timestamp", description="The hour; a day that has one twice has two rows."),
        Column("carrier", "string", description="Code of the airline."),
        Column("year", "int", description="Of the hour, as the airport's clock shows it."),
        Column("month", "int", description="Of the hour, as the airport's clock shows it."),
        Column("day", "int", description="Of the hour, as the airport's clock shows it."),
        Column("hour", "int", description="As the airport's clock shows it."),
        Column("flights", "bigint", description="Flights that should have left in this hour."),
        Column("departed", "bigint", description="Those that left."),
        Column("cancelled", "bigint", description="Those that did not."),
        Column("mean_dep_delay", "double", description="Minutes, of those that left."),
        Column("mean_arr_delay", "double", description="Minutes, of those that arrived."),
        Column("temp", "double", description="Degrees Fahrenheit."),
        Column("dewp", "double", description="Dew point in degrees Fahrenheit."),
        Column("humid", "double", description="Relative humidity in percent."),
        Column("wind_dir", "double", description="Degrees."),
        Column("wind_speed", "double", description="Miles per hour."),
        Column("wind_gust", "double", description="Miles per hour."),
        Column("precip", "double", description="Inches."),
        Column("pressure", "double", description="Millibar, at sea level."),
        Column("visib", "double", description="Miles."),
    ),
)
