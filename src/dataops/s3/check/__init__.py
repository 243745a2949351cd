"""`dataops s3 check`: what a store can do, what follows from it, and which settings passed (docs/S3_COMPAT.md)."""

from dataops.s3.check.findings import Finding, Report, Status
from dataops.s3.check.passed import fragment
from dataops.s3.check.run import check

__all__ = ["Finding", "Report", "Status", "check", "fragment"]
