"""What the check finds, and what it makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How something is; only FAILED stops the platform."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """One thing that was tried.

    Attributes:
        name: Group and thing, such as multipart.abort.
        status: How it is.
        seen: What was observed.
        consequence: What follows from it; empty where all is well.
        setting: What to set or to do; empty where nothing can be.
    """

    name: str
    status: Status
    seen: str
    consequence: str = ""
    setting: str = ""


def verdict(
    name: str, trouble: str | None, seen: str, *, otherwise: Status, consequence: str, setting: str = ""
) -> Finding:
    """Return an OK with what was seen, or the trouble with what follows from it."""
    if trouble is None:
        return Finding(name, Status.OK, seen)
    return Finding(name, otherwise, trouble, consequence, setting)


@dataclass
class Report:
    """All findings of one run.

    Attributes:
        endpoint: The store's address.
        bucket: The bucket that was used.
        prefix: The prefix below which everything was written.
        findings: In the order they were made.
        settings: What goes below `global.s3` of an environment file.
        seconds: How long the run took.
    """

    endpoint: str
    bucket: str
    prefix: str
    findings: list[Finding] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def failed(self) -> list[Finding]:
        """What keeps the platform from working there."""
        return [one for one in self.findings if one.status is Status.FAILED]

    def document(self) -> dict[str, Any]:
        """The report as plain data."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Report:
        """The report that `document` made."""
        findings = [Finding(**{**one, "status": Status(one["status"])}) for one in document["findings"]]
        return cls(**{**document, "findings": findings})
