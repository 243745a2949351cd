"""Conditional writes: done, refused in words, or silently ignored."""

from collections.abc import Iterator

from dataops.s3.check.findings import Finding, Status
from dataops.s3.check.store import Store
from dataops.s3.check.wire import Answer

TITLE, ORDER = "conditional writes", 110
WRITERS = 8
_NOBODYS = f'"{"0" * 32}"'
_IGNORED = (
    "a program that relies on it overwrites what others wrote, without an error; tables do not: their commits are"
)
_IGNORED += " transactions of PostgreSQL"
_REFUSED = "programs that need it fail in words; tables do not need it: their commits are transactions of PostgreSQL"


def probe(store: Store) -> Iterator[Finding]:
    """Write where something is, replace what is no longer so, and let several create the same."""
    key = store.key("conditions/create")
    store.put(key, b"first")
    answer = store.put(key, b"second", {"If-None-Match": "*"})
    yield _judged("conditions.create", answer, ignored=store.get(key).body != b"first")
    key = store.key("conditions/replace")
    store.put(key, b"second")
    answer = store.put(key, b"third", {"If-Match": _NOBODYS})
    yield _judged("conditions.replace", answer, ignored=store.get(key).body != b"second")
    yield _race(store)


def _judged(name: str, answer: Answer, *, ignored: bool) -> Finding:
    if ignored:
        return Finding(name, Status.DEGRADED, "silently ignored: the object was overwritten", _IGNORED)
    if answer.status in (409, 412):
        return Finding(name, Status.OK, "the second writer is refused")
    return Finding(name, Status.UNSUPPORTED, f"answered {answer.said}", _REFUSED)


def _race(store: Store) -> Finding:
    key = store.key("conditions/race")
    bodies = [f"writer {number}".encode() for number in range(WRITERS)]
    answers = store.many(lambda body: store.put(key, body, {"If-None-Match": "*"}), bodies)
    won = [body for body, answer in zip(bodies, answers, strict=True) if answer.ok]
    if won == [store.get(key).body]:
        return Finding("conditions.race", Status.OK, f"one of {WRITERS} writers won")
    if not won:
        return Finding("conditions.race", Status.UNSUPPORTED, f"answered {answers[0].said}", _REFUSED)
    return Finding(
        "conditions.race", Status.DEGRADED, f"{len(won)} of {WRITERS} writers were told that they won", _IGNORED
    )
