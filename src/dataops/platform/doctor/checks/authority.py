"""The private CA: it can be read, has not expired, and every namespace has the bundle made of it."""

import datetime
from collections.abc import Iterator

from dataops.platform import ca, trust
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok, warning

ORDER = 55
SOON = datetime.timedelta(days=30)


def check(context: Context) -> Iterator[Finding]:
    """Look at the dates of its certificates and at the ConfigMaps."""
    if context.environment.local and not context.releases:
        yield ok(f"the CA comes with the first `{context.command}`")
        return
    private, source = trust.private(context.cluster, context.environment)
    now = datetime.datetime.now(datetime.UTC)
    certificates = ca.parse(private, source)
    expired = [one for one in certificates if one.not_valid_after_utc < now]
    for one in expired:
        what = f"{source} holds {one.subject.rfc4514_string()}, which expired on {one.not_valid_after_utc:%Y-%m-%d}"
        # a bundle of many may keep old ones beside the one that counts
        if len(expired) == len(certificates):
            yield error(what, "ask for the CA that signs today, and put it there")
        else:
            yield warning(what, "take it out, if nothing was signed by it")
    for one in certificates:
        if now <= one.not_valid_after_utc < now + SOON:
            yield warning(
                f"{one.subject.rfc4514_string()} of {source} ends on {one.not_valid_after_utc:%Y-%m-%d}",
                "ask for its successor and put both there",
            )
    stale = trust.stale(context.cluster, context.environment)
    if stale and context.releases:
        yield warning(
            f"ConfigMap {trust.NAME} in {', '.join(stale)} is not made of today's CA", f"run `{context.command}`"
        )
    if len(expired) < len(certificates):
        yield ok(f"{source} holds {len(certificates)} certificate(s)")
