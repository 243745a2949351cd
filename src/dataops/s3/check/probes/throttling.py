"""Throttling: how the store takes many requests at once, and how often it said that it is busy."""

import time
from collections.abc import Iterator

from dataops.s3.check.findings import Finding, Status, verdict
from dataops.s3.check.store import Store

TITLE, ORDER = "throttling", 120
REQUESTS = 300
_RARE = 0.01


def probe(store: Store) -> Iterator[Finding]:
    """Read one object many times at once, then count the refusals of the whole run."""
    key = store.key("throttling/object")
    store.put(key, b"x" * 1000)
    begin = time.monotonic()
    answers = store.many(lambda _: store.get(key), range(REQUESTS))
    rate = REQUESTS / (time.monotonic() - begin)
    lost = sum(not answer.ok for answer in answers)
    yield verdict(
        "throttling.reads",
        f"{lost} of {REQUESTS} reads failed although each was repeated" if lost else None,
        f"{rate:.0f} reads a second",
        otherwise=Status.FAILED,
        consequence="jobs fail under load",
    )
    wire = store.wire
    often = wire.busy > _RARE * wire.sent
    yield verdict(
        "throttling.busy",
        (
            f"{wire.busy} of {wire.sent} requests were answered with an error that means busy, or not at all"
            if often
            else None
        ),
        "the store answered almost always at the first time",
        otherwise=Status.DEGRADED,
        consequence="every client repeats requests, and waits; jobs take longer and can fail",
        setting="fewer executors, or more requests allowed, by whoever runs the store",
    )
