"""The environment file: no fact is left over from the form, and none is weaker than production may be."""

from collections.abc import Iterator

from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok, warning

ORDER = 10


def check(context: Context) -> Iterator[Finding]:
    """Look at the facts themselves."""
    environment = context.environment
    left = environment.unfinished()
    for fact in left:
        yield error(f"{fact} is still an example", f"write your own into {environment.path}")
    mode = environment.get("database.sslmode")
    if not environment.local and mode != "verify-full":
        yield warning(
            f"global.database.sslmode is {mode}, so anybody may pose as the database", "write verify-full there"
        )
    if len(set(environment.namespaces.values())) < len(environment.namespaces):
        yield warning(
            "global.namespaces gives one several roles, so whoever starts pods there reads every Secret in it",
            "to keep people away from the servers' Secrets, name three",
        )
    if not left:
        yield ok(f"{' and '.join(str(path.name) for path in environment.files)}: nothing is left to fill in")
