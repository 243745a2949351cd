"""What every job's main() shares: its command line, the JSON line about its rows, and why its Spark was slow."""

import argparse
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from dataops.errors import UserError
from dataops.lineage_events import recorded
from dataops.logging import configure_logging
from dataops.spark.report import why
from dataops.spark.session import logged_applications

ENGINE = "auto (by the bytes to read), single or spark"
"""The help of `--engine`, for jobs that run on one machine or on Spark."""

_LOG = logging.getLogger("jobs")


def command(main: Callable[..., None], description: str | None, **options: str) -> None:
    """Run a job from the command line; an error that people can put right becomes one sentence and exit code 1.

    Args:
        main: the job; gets the load, and by name what the options hold.
        description: what `--help` says.
        options: further options of this job, each with its help; text, empty where not given.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--load", required=True, help="the day of the load, YYYY-MM-DD")
    for name, told in options.items():
        parser.add_argument(f"--{name.replace('_', '-')}", default="", help=told)
    arguments = vars(parser.parse_args())
    configure_logging()
    try:
        with recorded(Path(sys.argv[0]).stem):
            main(checked_load(arguments.pop("load")), **arguments)
    except UserError as error:
        sys.exit(f"error: {error}")
    finally:
        _say_why_it_was_slow()


def _say_why_it_was_slow() -> None:
    for application in logged_applications():
        try:
            for finding in why(application)[1]:
                _LOG.warning(str(finding), extra={"application": application, "finding": finding.kind})
        except Exception as error:  # whatever is wrong with a log, the job itself has done its work
            _LOG.warning("why it was slow cannot be said: %s", error, extra={"application": application})


def checked_load(load: str) -> str:
    """Return the load if it is a day, which also keeps it inside its prefix of the lake.

    Raises:
        UserError: it is not a day written YYYY-MM-DD.
    """
    try:
        if date.fromisoformat(load).isoformat() == load:
            return load
    except ValueError:
        pass
    raise UserError(f"--load is {load!r}; give a day written YYYY-MM-DD, such as 2013-12-31")


def report(stage: str, load: str, *, rows_in: int, rows_out: int, rejected: Mapping[str, int], **more: object) -> None:
    """Log the stage's one JSON line, after checking that no row was lost or made up.

    Raises:
        RuntimeError: rows in are not rows out plus rows rejected.
    """
    if rows_in != rows_out + sum(rejected.values()):
        raise RuntimeError(f"{stage} {load}: {rows_in} rows in, but {rows_out} out and {dict(rejected)} rejected")
    fields = {"stage": stage, "load": load, "rows_in": rows_in, "rows_out": rows_out, "rows_rejected": dict(rejected)}
    _LOG.info("stage finished", extra={**fields, **more})
