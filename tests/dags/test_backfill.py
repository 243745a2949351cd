"""A month is backfilled as docs/AIRFLOW_PATTERNS.md says: one run per day, each for its own day."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow.cli.cli_parser import get_parser
from airflow.models.backfill import ReprocessBehavior, _do_dry_run

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = re.findall(
    r"airflow (backfill create [^\n]*)", (ROOT / "docs" / "AIRFLOW_PATTERNS.md").read_text(encoding="utf-8")
)


def test_the_documented_command_makes_one_run_per_day(database: Callable[[str], Any]) -> None:
    session = database((ROOT / "dags" / "flights.py").read_text(encoding="utf-8"))
    asked = get_parser().parse_args(COMMANDS[0].split())
    assert asked.dry_run and asked.dag_id == "flights"
    runs = _do_dry_run(
        dag_id=asked.dag_id,
        from_date=asked.from_date,
        to_date=asked.to_date,
        reverse=False,
        reprocess_behavior=ReprocessBehavior.NONE,
        session=session,
    )
    days = [run.logical_date for run in runs]
    assert [f"{day:%Y-%m-%d}" for day in days] == [f"2013-12-{day:02}" for day in range(1, 32)]
    assert {day.hour for day in days} == {2} and isinstance(days[0], datetime)


def test_every_documented_command_is_one_that_airflow_reads() -> None:
    assert len(COMMANDS) >= 3
    for command in COMMANDS:
        get_parser().parse_args(command.split())
