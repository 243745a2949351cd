"""The Secrets: none is missing, empty or well known."""

import re
from collections.abc import Iterator

from dataops.errors import UserError
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
    try:
        secrets.verify(context.cluster, context.environment, declared)
    except UserError as refusal:
        # a line of introduction, perhaps with one command for many, then one for each problem
        first, *lines = str(refusal).splitlines()
        command = next(iter(re.findall("`.*?`", first)), "that command")
        for line in lines:
            what, _, how = line.strip().partition(": ")
            yield error(what, how.replace("that command", command))
    else:
        yield ok(f"{len(declared)} Secrets are there, none empty or well known")
