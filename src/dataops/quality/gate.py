"""The gate before a publication: what the audit found is kept beside the table, and errors let nothing through."""

import json
import logging
import sys
from collections.abc import Sequence

from dataops.config import Settings
from dataops.engine.frames import write_parquet
from dataops.quality.audit import Audited, audit, rejected
from dataops.quality.expectations import Expectation
from dataops.quality.report import QualityError, Report
from dataops.s3 import S3Client
from dataops.tables.names import beside

_LOG = logging.getLogger(__name__)


def gate(
    what: Audited, expectations: Sequence[Expectation], *, table: str, run: str, name: str, settings: Settings
) -> Report:
    """Return what the audit found, if none of it is an error.

    Args:
        what: The rows and what they are compared with.
        expectations: What the table expects.
        table: The table's name.
        run: The identity of the run.
        name: The same as a name of files.
        settings: Where the lake is.

    Raises:
        QualityError: An error among the expectations is not fulfilled; the rejected rows are in quarantine.
    """
    rows, checks = audit(what, expectations)
    report = Report(table, run, rows, checks)
    for check in report.warnings:
        _LOG.warning("quality warning", extra={"table": table, "expected": check.expectation, "found": check.found})
    _log_metrics(report)
    place = None
    if report.blocked_by and (bad := rejected(what, expectations, checks)) is not None:
        place = quarantine(table, name, settings)
        write_parquet(bad, place, settings)
    text = json.dumps({**report.as_dict(), "quarantine": place}, indent=1)
    S3Client(settings).write_bytes(f"{beside(table, '_quality', settings)}/{name}.json", text.encode())
    if report.blocked_by:
        raise QualityError(report, place)
    return report


def quarantine(table: str, name: str, settings: Settings) -> str:
    """Return where the rejected rows of a run go, as plain Parquet."""
    return f"{beside(table, '_quarantine', settings)}/{name}"


def _log_metrics(report: Report) -> None:
    mlflow = sys.modules.get("mlflow")  # who has a run has imported it
    if mlflow is None or mlflow.active_run() is None:
        return
    from dataops.mlflow import log_metric

    figures = {"rows": report.rows, "score": report.score}
    figures |= {"errors": len(report.blocked_by), "warnings": len(report.warnings)}
    for name, value in figures.items():
        log_metric(f"quality/{report.table}/{name}", value)
