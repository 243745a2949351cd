"""One reason why an application was slow, and when it is worth telling."""

from __future__ import annotations

from dataclasses import dataclass

from dataops.spark.report.run import Run

WORTH_SECONDS, WORTH_SHARE = 2.0, 0.1
"""A loss of time is told when it is both: so many seconds, and that share of the whole."""


@dataclass(frozen=True)
class Finding:
    """One reason.

    Attributes:
        kind: Skew, spill and so on, in one word or two.
        what: What was seen.
        cost: What it costs.
        fix: What to do.
    """

    kind: str
    what: str
    cost: str
    fix: str

    def __str__(self) -> str:
        """The whole as people read it."""
        return f"{self.kind}: {self.what}. {self.cost}. {self.fix}."


def worth(run: Run, seconds: float) -> bool:
    """Whether so much lost time is worth telling."""
    return seconds >= WORTH_SECONDS and seconds >= WORTH_SHARE * run.seconds
