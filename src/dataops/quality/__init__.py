"""Data quality: what a table's rows must fulfil, declared in code and checked before readers see them."""

from dataops.quality.expectations import Expectation, Fresh, InRange, Matches, NotNull, OneOf, RowCountDrift, Unique
from dataops.quality.report import Check, QualityError, Report

__all__ = [
    "Check",
    "Expectation",
    "Fresh",
    "InRange",
    "Matches",
    "NotNull",
    "OneOf",
    "QualityError",
    "Report",
    "RowCountDrift",
    "Unique",
]
