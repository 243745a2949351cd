"""Consistency: what one client wrote is what another one sees at once."""

from collections.abc import Iterator

from dataops.s3.check.findings import Finding, Status, verdict
from dataops.s3.check.store import Store
from dataops.s3.check.wire import Wire

TITLE, ORDER = "consistency", 100
ROUNDS = 20
_LOST = "tables and Spark's committers read what was written a moment ago; data would be missing without an error"


def probe(store: Store) -> Iterator[Finding]:
    """Write, replace and delete through one connection, look through another, many times."""
    other = Store(Wire(store.wire.settings, store.wire.signature, virtual=store.wire.virtual))
    stale: dict[str, int] = {"create": 0, "replace": 0, "list": 0, "delete": 0}
    for number in range(ROUNDS):
        key = store.key(f"consistency/{number}")
        other.get(key)  # a store that remembers "not found" would be caught here
        store.put(key, b"1")
        stale["create"] += other.get(key).body != b"1"
        store.put(key, b"2")
        stale["replace"] += other.get(key).body != b"2"
        stale["list"] += key not in _listed(other, key)
        store.send("DELETE", key)
        stale["delete"] += other.get(key).status != 404 or key in _listed(other, key)
    for what, times in stale.items():
        yield verdict(
            f"consistency.{what}",
            f"the other client saw something older {times} of {ROUNDS} times" if times else None,
            f"seen by another client at once, {ROUNDS} times",
            otherwise=Status.FAILED,
            consequence=_LOST,
        )


def _listed(store: Store, prefix: str) -> list[str]:
    try:
        return store.listed(prefix)
    except LookupError:
        return []
