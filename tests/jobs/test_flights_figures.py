"""Over the whole delivery both engines' tables are the same, and equal what pandas computes from the files."""

from typing import cast

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from dataops.engine.single import single_session
from dataops.testing.flights_expected import compare_gold, compare_silver
from jobs import flights_gold, flights_silver
from jobs._delivery import COLUMNS, rows_of
from jobs._frames import delivered_frame
from jobs.flights_silver import accepted
from jobs.tables.gold_delays import TABLE as DELAYS
from jobs.tables.silver_flights import TABLE as FLIGHTS


@pytest.fixture(scope="module")
def silver(all_flights: DataFrame) -> pd.DataFrame:
    """The table as pandas sees it."""
    return accepted(all_flights).toPandas()


@pytest.fixture(scope="module")
def gold(local_spark: SparkSession, all_flights: DataFrame, delivery: dict[str, bytes]) -> pd.DataFrame:
    """The delays as pandas sees them."""
    return delays(local_spark, accepted(all_flights), delivery).toPandas()


def delays(session: SparkSession, flights: DataFrame, delivery: dict[str, bytes]) -> DataFrame:
    """The delays of an engine's flights."""
    lines = rows_of(flights_gold.FILE, delivery[flights_gold.FILE])
    weather = flights_gold.weather(delivered_frame(session, lines, COLUMNS[flights_gold.FILE]))
    return flights_gold.transform(flights, weather)


def test_every_delivered_flight_is_in_silver_with_its_figures(silver: pd.DataFrame) -> None:
    assert len(silver) == 336_776
    assert compare_silver(silver) == []


def test_gold_holds_the_delays_of_every_hour_with_its_weather(gold: pd.DataFrame) -> None:
    assert compare_gold(gold) == []
    assert gold["flights"].sum() == 336_776


def in_order(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows by their keys, instants of one precision."""
    instants = {name: "datetime64[us]" for name in rows.select_dtypes("datetime").columns}
    return rows.astype(instants).sort_values(keys, ignore_index=True)


def test_one_machine_gives_the_same_tables(
    silver: pd.DataFrame, gold: pd.DataFrame, delivery: dict[str, bytes]
) -> None:
    lines = rows_of(flights_silver.FILE, delivery[flights_silver.FILE])
    with single_session() as opened:
        session = cast(SparkSession, opened)
        cleaned = flights_silver.transform(delivered_frame(session, lines, COLUMNS[flights_silver.FILE])).persist()
        flights = accepted(cleaned).toPandas()
        hours = delays(session, accepted(cleaned), delivery).toPandas()
        del opened, session, cleaned
    for ours, theirs, table in ((flights, silver, FLIGHTS), (hours, gold, DELAYS)):
        keys = list(table.keys)
        found, wanted = (in_order(rows, keys) for rows in (ours, theirs))
        pd.testing.assert_frame_equal(found[keys], wanted[keys], check_exact=True)
        pd.testing.assert_frame_equal(found, wanted, check_dtype=False, check_exact=False, rtol=1e-9, atol=0)


def test_local_time_shows_the_clock_at_the_airport(silver: pd.DataFrame) -> None:
    local = silver["scheduled_departure_local"]
    assert (local.dt.hour * 100 + local.dt.minute == silver["sched_dep_time"]).all()
    assert (local.dt.month == silver["month"]).all()


def test_a_departure_is_where_the_delivered_clock_says(silver: pd.DataFrame) -> None:
    departed = silver[~silver["cancelled"]]
    clock = departed["departure"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    assert (clock.dt.hour * 100 + clock.dt.minute == departed["dep_time"] % 2400).mean() > 0.999


def test_the_comparison_sees_a_single_changed_figure(silver: pd.DataFrame, gold: pd.DataFrame) -> None:
    silver, gold = silver.copy(), gold.copy()
    silver.loc[7, "distance"] = 1
    gold.loc[7, "temp"] = -1.0
    assert len(compare_silver(silver)) == 1
    (difference,) = compare_gold(gold)
    assert difference.startswith("temp: 1 rows differ")


def test_the_comparison_sees_rows_lost_and_repeated(silver: pd.DataFrame, gold: pd.DataFrame) -> None:
    assert "rows: 336775.0 instead of 336776.0" in compare_silver(silver.iloc[1:])
    assert compare_gold(gold.iloc[1:])[0] == "1 rows are missing"
    assert compare_gold(pd.concat([gold, gold.head(2)])) == ["2 rows repeat the same origin, carrier and hour"]
