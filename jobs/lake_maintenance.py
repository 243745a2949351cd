"""Maintenance: few large files instead of many small ones, no old snapshots, nothing left of killed writes."""

import logging
from collections.abc import Callable
from typing import Any

from dataops import tables
from dataops.errors import UserError
from dataops.spark.session import create_spark_session
from dataops.tables.compact import compact, worth_compacting
from dataops.tables.maintenance import abort_uploads, expire, orphans
from jobs._job import command

_LOG = logging.getLogger("jobs")


def main(load: str) -> None:
    """Look after every table of the lake; what fails for one of them holds up none of the others.

    Raises:
        UserError: something failed; all of it is named.
    """
    failures: list[str] = []

    def each(names: list[str], work: Callable[[str], Any]) -> dict[str, Any]:
        done = {}
        for name in names:
            try:
                done[name] = work(name)
            except Exception as error:  # whatever it is, the other tables need their care too
                _LOG.exception("maintenance failed", extra={"table": name})
                failures.append(f"{name} ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''})")
        return done

    names = tables.table_names()
    small = [name for name, found in each(names, worth_compacting).items() if found]
    compacted = {}
    if small:
        with create_spark_session("lake_maintenance") as spark:
            compacted = each(small, lambda name: compact(spark, name))
    expired = each(names, lambda name: len(expire(name)))
    deleted = each(names, lambda name: len(orphans(name, delete=True)))
    uploads = each(["unfinished uploads"], lambda _: abort_uploads())
    _LOG.info(
        "stage finished",
        extra={
            "stage": "maintenance",
            "load": load,
            "tables": len(names),
            "files_compacted": {
                name: {"before": before, "after": after} for name, (before, after) in compacted.items()
            },
            "snapshots_expired": sum(expired.values()),
            "orphans_deleted": sum(deleted.values()),
            "uploads_ended": sum(uploads.values()),
        },
    )
    if failures:
        raise UserError(f"maintenance failed for {', '.join(failures)}; the log above says where, the rest is done")


if __name__ == "__main__":
    command(main, __doc__)
