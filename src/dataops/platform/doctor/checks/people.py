"""The people: each has a namespace of their own, or what it costs that they share one."""

from collections.abc import Iterator

from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, ok, warning

ORDER = 12


def check(context: Context) -> Iterator[Finding]:
    """Look at whom the facts list; on ENV=local one person is at work."""
    environment = context.environment
    if own := environment.own_namespaces:
        if environment.get("login.kind") == "password":
            yield warning(
                f"{len(own)} people have a namespace each, but one password lets anybody in under any name",
                "choose another global.login.kind",
            )
        else:
            yield ok(f"{len(own)} people have a namespace and a key of S3 each")
        return
    shared = environment.namespaces["users"]
    cost = f"everybody's servers share namespace {shared} and one key of S3, so that anyone can act as another"
    fix = "to keep people apart, list them in global.users and have what `make bootstrap` prints applied"
    yield ok(f"{cost}; {fix}") if environment.local else warning(cost, fix)
