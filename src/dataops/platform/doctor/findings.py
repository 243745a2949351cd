"""What a check says: one line with its severity and, where something is wrong, the fix."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["ok", "warning", "error"]
# The place of the worst one is the exit code.
SEVERITIES: tuple[Severity, ...] = ("ok", "warning", "error")
WORDS = {"ok": "ok", "warning": "warn", "error": "FAIL"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        severity: How bad it is.
        what: What was found.
        fix: What to do about it; empty when all is well.
        name: What was looked at; empty stands for the check's own name.
    """

    severity: Severity
    what: str
    fix: str = ""
    name: str = ""

    def __str__(self) -> str:
        fix = f" — {self.fix}" if self.fix else ""
        return f"{WORDS[self.severity]:<4}  {self.name:<10}  {self.what}{fix}"


def ok(what: str, name: str = "") -> Finding:
    """All is well."""
    return Finding("ok", what, name=name)


def warning(what: str, fix: str, name: str = "") -> Finding:
    """Something to know, or that could not be looked at."""
    return Finding("warning", what, fix, name)


def error(what: str, fix: str, name: str = "") -> Finding:
    """The platform cannot be installed, or does not work, until this is put right."""
    return Finding("error", what, fix, name)


def worst(findings: list[Finding]) -> int:
    """The exit code: 0 all is well, 1 warnings, 2 errors."""
    return max((SEVERITIES.index(one.severity) for one in findings), default=0)
