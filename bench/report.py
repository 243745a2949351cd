"""Measurements as people read them and as .reports/bench-<what>.json keeps them."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from dataops.platform.paths import reports_dir


@dataclass(frozen=True)
class Measured:
    """What became of one goal.

    Attributes:
        id: The goal, e.g. G1.
        what: What was compared.
        naive: The yardstick's value.
        ours: Our value.
        unit: Of both.
        ratio: How many times less ours is; with pairs, the median of theirs.
        spread: The smallest and the largest ratio of the pairs; for exact counts both are the ratio.
        n: How many pairs; 1 for exact counts.
        bar: What is wanted, in words.
        met: Whether it was reached.
    """

    id: str
    what: str
    naive: float
    ours: float
    unit: str
    ratio: float
    spread: tuple[float, float]
    n: int
    bar: str
    met: bool


def exact(
    id_: str, what: str, naive: float, ours: float, unit: str, least: float, most: float | None = None
) -> Measured:
    """Compare two exact values.

    Args:
        id_: The goal.
        what: What is compared.
        naive: The yardstick's value.
        ours: Our value.
        unit: Of both.
        least: The smallest ratio that is good enough.
        most: The largest value of ours that is good enough.

    Returns:
        The comparison.
    """
    ratio = naive / ours if ours else 0.0
    bar = f">= {least:g}x less" + (f", <= {most:g} {unit}" if most else "")
    return Measured(
        id_, what, naive, ours, unit, ratio, (ratio, ratio), 1, bar, ratio >= least and (most is None or ours <= most)
    )


def counted(id_: str, what: str, total: int, good: int, least: int) -> Measured:
    """Say how many of a number of things are as they should be.

    Args:
        id_: The goal.
        what: What is counted.
        total: How many there are.
        good: How many are as they should be.
        least: How many are good enough.

    Returns:
        The count; its ratio is the share.
    """
    share = good / total
    return Measured(id_, what, total, good, "", share, (share, share), 1, f">= {least} of {total}", good >= least)


def paired(id_: str, what: str, pairs: Sequence[tuple[float, float]], unit: str, least: float) -> Measured:
    """Compare pairs of interleaved runs by the median of their ratios.

    Args:
        id_: The goal.
        what: What is compared.
        pairs: The yardstick's value and ours, run by run.
        unit: Of both.
        least: The smallest ratio that is good enough.

    Returns:
        The comparison; its values are medians.
    """
    ratios = [naive / ours for naive, ours in pairs]
    naive, ours = (statistics.median(values) for values in zip(*pairs, strict=True))
    ratio = statistics.median(ratios)
    spread = (min(ratios), max(ratios))
    return Measured(id_, what, naive, ours, unit, ratio, spread, len(pairs), f">= {least:g}x less", ratio >= least)


def at_most(one: Measured, most: float) -> Measured:
    """Want a value of ours that is good enough by itself, too.

    Args:
        one: The comparison.
        most: The largest value of ours that is good enough.

    Returns:
        The comparison with both bars.
    """
    return replace(one, bar=f"{one.bar}, <= {most:g} {one.unit}", met=one.met and one.ours <= most)


def table(results: Sequence[Measured]) -> str:
    """The results as lines of a Markdown table."""
    head = "| goal | what | naive | ours | ratio | spread, n | bar | met |\n|---|---|---|---|---|---|---|---|"
    lines = [
        f"| {one.id} | {one.what} | {one.naive:,.1f} {one.unit} | {one.ours:,.1f} {one.unit} | {one.ratio:.2f} "
        f"| {one.spread[0]:.2f} to {one.spread[1]:.2f}, {one.n} | {one.bar} | {'yes' if one.met else 'no'} |"
        for one in results
    ]
    return "\n".join([head, *lines])


def write(root: Path, name: str, results: Sequence[Measured], details: object) -> Path:
    """Write .reports/bench-<name>.json.

    Args:
        root: The repository root.
        name: The bench.
        results: Its goals.
        details: What else it found.

    Returns:
        The file.
    """
    path = reports_dir(root) / f"bench-{name}.json"
    goals = [{**asdict(one), "command": f"make bench-{name}"} for one in results]
    path.write_text(json.dumps({"goals": goals, "details": details}, indent=2) + "\n", encoding="utf-8")
    return path
