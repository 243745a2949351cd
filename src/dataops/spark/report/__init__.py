"""Why an application of Spark was slow, said from its event log: `from dataops.spark.report import why`."""

from __future__ import annotations

from dataops.config import Settings
from dataops.spark.report.amounts import duration
from dataops.spark.report.finding import Finding
from dataops.spark.report.log import lines
from dataops.spark.report.run import Run, read
from dataops.spark.report.stages import collecting, failures, partitions, skew, spill
from dataops.spark.report.whole import driver, idle, size, small_files

__all__ = ["Finding", "Run", "findings", "report", "why"]
_RULES = (failures, skew, spill, small_files, collecting, partitions, size, driver, idle)


def why(place: str, settings: Settings | None = None) -> tuple[Run, list[Finding]]:
    """Read an event log and say what made its application slow.

    Args:
        place: The application's id, or the path of its log, as `dataops.spark.report.log.lines` takes them.
        settings: Where the store is; by default what the environment says.

    Returns:
        The application and what was found.

    Raises:
        UserError: There is no such log, or it cannot be read.
    """
    run = read(lines(place, settings or Settings.load()))
    return run, findings(run)


def findings(run: Run) -> list[Finding]:
    """Return every known reason why an application was slow; a healthy one has none."""
    return [finding for rule in _RULES for finding in rule(run)]


def report(run: Run, found: list[Finding]) -> str:
    """Return what was found as a few lines for people."""
    tasks = sum(len(stage.milliseconds) for stage in run.stages.values())
    end = "" if run.ended else ", and its log does not say that it ended"
    head = f"{run.name} ({run.id}) took {duration(run.seconds)} for {len(run.jobs)} jobs of {tasks:,} tasks{end}"
    reasons = [str(one) for one in found] or ["nothing that would make it slow was found."]
    return "\n- ".join([head, *reasons])
