"""The Secrets: none is missing, empty or well known."""

from collections.abc import Iterator

from dataops.platform import secrets
from dataops.platform.declarations import read_all
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok

ORDER = 50


def check(context: Context) -> Iterator[Finding]:
    """Look at each Secret that a chart declares; nothing is written and no value is shown."""
    declared = read_all(context.charts, context.environment)
    if context.environment.local and not context.releases:
        yield ok(f"{len(declared)} Secrets come with the first `{context.command}`")
        return
    problems = secrets.problems(context.cluster, context.environment, declared)
    for what, how in problems:
        yield error(what, how)
    if not problems:
        yield ok(f"{len(declared)} Secrets are there, none empty or well known")
