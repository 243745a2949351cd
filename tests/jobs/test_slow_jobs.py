"""A job that Spark made slow says why at its end, and one whose log cannot be read has done its work all the same."""

import sys

import pytest

from dataops.errors import UserError
from dataops.spark.report import Finding, Run
from jobs import _job

SKEW = Finding("skew", "one task took long", "The others waited", "Find the value")


@pytest.fixture(autouse=True)
def one_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process has run one application."""
    monkeypatch.setattr(_job, "logged_applications", lambda: ["spark-1"])
    monkeypatch.setattr(_job, "configure_logging", lambda: None)
    monkeypatch.setattr(sys, "argv", ["job", "--load", "2013-12-31"])


def refuse(load: str) -> None:
    raise UserError("no rows")


def test_a_slow_job_says_why(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(_job, "why", lambda application: (Run(application), [SKEW]))
    _job.command(lambda load: None, None)
    (record,) = caplog.records
    assert record.getMessage() == "skew: one task took long. The others waited. Find the value."
    assert (record.__dict__["application"], record.__dict__["finding"]) == ("spark-1", "skew")


def test_a_job_that_failed_says_it_too(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(_job, "why", lambda application: (Run(application), [SKEW]))
    with pytest.raises(SystemExit, match="error: no rows"):
        _job.command(refuse, None)
    assert len(caplog.records) == 1


def test_a_log_that_cannot_be_read_fails_no_job(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(application: str) -> None:
        raise KeyError("Stage Info")

    monkeypatch.setattr(_job, "why", gone)
    _job.command(lambda load: None, None)
    assert caplog.messages == ["why it was slow cannot be said: 'Stage Info'"]
