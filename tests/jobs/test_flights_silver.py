"""How silver cleans single rows on either engine: what it rejects and why, and the days on which clocks are odd."""

from datetime import datetime
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs._delivery import COLUMNS
from jobs._frames import delivered_frame
from jobs.flights_silver import FILE, accepted, transform

NAMES = COLUMNS[FILE]
FLIGHT = dict(
    zip(
        NAMES,
        "2013,1,1,517,515,2,830,819,11,UA,1545,N14228,EWR,IAH,227,1400,5,15,2013-01-01T10:00:00Z".split(","),
        strict=True,
    )
)


def line(**changes: str) -> str:
    """A delivered line, by default a good one."""
    return ",".join({**FLIGHT, **changes}[name] for name in NAMES)


def clean(spark: SparkSession, *lines: str) -> list[dict[str, Any]]:
    """Those lines after the transform."""
    return [row.asDict() for row in transform(delivered_frame(spark, lines, NAMES)).collect()]


def test_a_good_row_keeps_every_value_and_gains_its_times(engine_session: SparkSession) -> None:
    (row,) = clean(engine_session, line())
    assert {name: str(row[name]) for name in NAMES if name != "time_hour"} == {
        name: value for name, value in FLIGHT.items() if name != "time_hour"
    }
    assert row["rejected"] is None
    assert row["cancelled"] is False
    assert row["scheduled_departure_local"] == datetime(2013, 1, 1, 5, 15)


def test_the_table_has_the_columns_of_the_source_and_what_cleaning_adds(engine_session: SparkSession) -> None:
    table = accepted(transform(delivered_frame(engine_session, [line()], NAMES)))
    added = {"scheduled_departure", "scheduled_departure_local", "departure", "cancelled"}
    assert set(table.columns) == {*NAMES, *added}


def test_a_cancelled_flight_without_times_and_aircraft_stays(engine_session: SparkSession) -> None:
    nothing = dict.fromkeys(("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "tailnum"), "NA")
    (row,) = clean(engine_session, line(**nothing))
    assert (row["rejected"], row["cancelled"], row["tailnum"], row["departure"]) == (None, True, None, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"carrier": "NA"}, "missing_value"),
        ({"time_hour": ""}, "missing_value"),
        ({"distance": "far"}, "wrong_type"),
        ({"air_time": "5.58"}, "wrong_type"),
        ({"time_hour": "2013-01-01 10:00"}, "wrong_type"),
        ({"dep_time": "575"}, "time_out_of_range"),
        ({"arr_time": "2401"}, "time_out_of_range"),
        ({"dep_time": "-5"}, "time_out_of_range"),
        ({"origin": "ORD"}, "unknown_origin"),
        ({"hour": "6"}, "times_disagree"),
        ({"minute": "16"}, "times_disagree"),
        ({"time_hour": "2013-01-01T11:00:00Z"}, "times_disagree"),
        ({"year": "2014"}, "times_disagree"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason(
    engine_session: SparkSession, changes: dict[str, str], reason: str
) -> None:
    assert [row["rejected"] for row in clean(engine_session, line(**changes))] == [reason]


@pytest.mark.parametrize("broken", [line() + ",more", "2013,1,1", line().rsplit(",", 1)[0]])
def test_a_line_with_more_or_fewer_fields_is_malformed(engine_session: SparkSession, broken: str) -> None:
    assert [row["rejected"] for row in clean(engine_session, broken)] == ["malformed_line"]


def test_of_repeated_flights_one_stays_whatever_their_order(engine_session: SparkSession) -> None:
    lines = [line(arr_delay="12"), line(), line(), line(flight="99")]
    kept = []
    for order in (lines, lines[::-1]):
        rows = clean(engine_session, *order)
        assert sorted(str(row["rejected"]) for row in rows) == ["None", "None", "duplicate", "duplicate"]
        kept.append(sorted(row["arr_delay"] for row in rows if row["rejected"] is None))
    assert kept == [[11, 11], [11, 11]]


def test_a_rejected_row_does_not_make_its_good_twin_a_duplicate(engine_session: SparkSession) -> None:
    rows = clean(engine_session, line(arr_time="2460"), line())
    assert sorted(str(row["rejected"]) for row in rows) == ["None", "time_out_of_range"]


def test_a_departure_at_midnight_is_the_next_day(engine_session: SparkSession) -> None:
    late = {"sched_dep_time": "2359", "hour": "23", "minute": "59", "time_hour": "2013-01-02T04:00:00Z"}
    (row,) = clean(engine_session, line(**late, dep_time="2400", dep_delay="1"))
    assert (row["rejected"], row["dep_time"]) == (None, 2400)
    assert row["departure"] - row["scheduled_departure"] == datetime(2013, 1, 2) - datetime(2013, 1, 1, 23, 59)


def test_the_hour_that_a_day_has_twice_is_two_hours(engine_session: SparkSession) -> None:
    night = {"month": "11", "day": "3", "sched_dep_time": "130", "hour": "1", "minute": "30"}
    rows = clean(
        engine_session, line(**night, time_hour="2013-11-03T05:00:00Z"), line(**night, time_hour="2013-11-03T06:00:00Z")
    )
    assert [row["rejected"] for row in rows] == [None, None]
    assert len({row["scheduled_departure"] for row in rows}) == 2
    assert {row["scheduled_departure_local"] for row in rows} == {datetime(2013, 11, 3, 1, 30)}


def test_the_hour_that_a_day_lacks_is_rejected(engine_session: SparkSession) -> None:
    night = {"month": "3", "day": "10", "sched_dep_time": "230", "hour": "2", "minute": "30"}
    (row,) = clean(engine_session, line(**night, time_hour="2013-03-10T07:00:00Z"))
    assert row["rejected"] == "times_disagree"


def test_the_sessions_time_zone_has_no_say(local_spark: SparkSession) -> None:
    local_spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    try:
        (row,) = clean(local_spark, line())
    finally:
        local_spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert (row["rejected"], row["scheduled_departure_local"]) == (None, datetime(2013, 1, 1, 5, 15))
