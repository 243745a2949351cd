"""Over the whole delivery Spark's figures equal those that pandas computes straight from the package's files."""

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from dataops.testing.flights_expected import compare_gold, compare_silver
from jobs import flights_gold
from jobs._delivery import COLUMNS, rows_of
from jobs._frames import delivered_frame
from jobs.flights_silver import accepted


@pytest.fixture(scope="module")
def silver(all_flights: DataFrame) -> pd.DataFrame:
    """The table as pandas sees it."""
    return accepted(all_flights).toPandas()


@pytest.fixture(scope="module")
def gold(local_spark: SparkSession, all_flights: DataFrame, delivery: dict[str, bytes]) -> pd.DataFrame:
    """The delays as pandas sees them."""
    lines = rows_of(flights_gold.FILE, delivery[flights_gold.FILE])
    weather = flights_gold.weather(delivered_frame(local_spark, lines, COLUMNS[flights_gold.FILE]))
    return flights_gold.transform(accepted(all_flights), weather).toPandas()


def test_every_delivered_flight_is_in_silver_with_its_figures(silver: pd.DataFrame) -> None:
    assert len(silver) == 336_776
    assert compare_silver(silver) == []


def test_gold_holds_the_delays_of_every_hour_with_its_weather(gold: pd.DataFrame) -> None:
    assert compare_gold(gold) == []
    assert gold["flights"].sum() == 336_776


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
