"""What an audit found: one line per expectation, a score, and the error that blocks a publication."""

from dataclasses import asdict, dataclass
from typing import Any

from dataops.errors import UserError
from dataops.quality.expectations import Severity


@dataclass(frozen=True)
class Check:
    """What became of one expectation.

    Attributes:
        expectation: What was expected, as people read it.
        severity: `error` or `warning`.
        passed: Whether it was fulfilled.
        failed_rows: How many rows are against it; all of them where it is about the rows as a whole.
        found: What was seen, in words.
    """

    expectation: str
    severity: Severity
    passed: bool
    failed_rows: int
    found: str


@dataclass(frozen=True)
class Report:
    """What an audit of the rows of one publication found.

    Attributes:
        table: The table.
        run: The identity of the run.
        rows: How many rows it would publish.
        checks: One for each expectation.
    """

    table: str
    run: str
    rows: int
    checks: tuple[Check, ...]

    @property
    def score(self) -> float:
        """The share of what was checked that is good: over all checks, rows that pass / rows; 1 where nothing was."""
        checked = self.rows * len(self.checks)
        wrong = sum(min(check.failed_rows, self.rows) for check in self.checks if not check.passed)
        return 1 - wrong / checked if checked else 1.0

    @property
    def blocked_by(self) -> tuple[Check, ...]:
        """The errors among the failed checks."""
        return tuple(check for check in self.checks if check.severity == "error" and not check.passed)

    @property
    def warnings(self) -> tuple[Check, ...]:
        """The warnings among the failed checks."""
        return tuple(check for check in self.checks if check.severity == "warning" and not check.passed)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {**asdict(self), "score": round(self.score, 6)}


class QualityError(UserError):
    """Rows are against what their table expects; nothing was published.

    Attributes:
        report: What the audit found.
    """

    def __init__(self, report: Report, quarantine: str | None) -> None:
        """Say what failed and where the rejected rows are."""
        failed = "; ".join(f"expected that {check.expectation}, {check.found}" for check in report.blocked_by)
        rows = f"the rejected rows and why are at {quarantine}" if quarantine else "no single row is at fault"
        super().__init__(
            f"table {report.table} was not published and stays as it was: {failed}; {rows}."
            " Correct the rows or the declaration, then run it again"
        )
        self.report = report
