"""Listings: both versions, odd keys, order, and more than one page."""

from collections.abc import Iterator

from dataops.s3.check.findings import Finding, Status, verdict
from dataops.s3.check.store import Store

TITLE, ORDER = "listings", 40
MANY = 1005
_ODD = (
    "with space",
    "day=2026-01-01",
    "a+b",
    "100%",
    "%41",
    "grün/日本",
    "Upper",
    "lower",
    "a&b",
    "quo'te",
    "til~de",
    "(x)",
)
_LONGEST = 1024
_SEGMENT = 100


def probe(store: Store) -> Iterator[Finding]:
    """Write many keys and look for all of them."""
    odd = [store.key(f"listing/odd/{name}") for name in _ODD]
    kept = [key for key in odd if store.put(key, key.encode()).ok and store.damage(key, key.encode()) is None]
    lost = [key.removeprefix(store.prefix) for key in odd if key not in kept]
    yield verdict(
        "listing.odd-keys",
        f"cannot be written and read: {', '.join(lost)}" if lost else _difference(store, "listing/odd/", odd),
        f"{len(odd)} keys with spaces, =, +, %, and unicode come back as they were written",
        otherwise=Status.FAILED,
        consequence="Spark writes folders named day=..., and other characters as %..; such data is lost",
    )
    yield _order(store)
    length = _LONGEST - len(store.prefix) - 1
    name = ("listing/" + ("x" * _SEGMENT + "/") * _LONGEST)[:length] + "x"
    yield verdict(
        "listing.long-key",
        store.round_trip(name, b"long"),
        f"a key of {_LONGEST} bytes is kept",
        otherwise=Status.DEGRADED,
        consequence="deep partitions or long names are refused",
    )
    keys = [store.key(f"listing/many/{number:04d}") for number in range(MANY)]
    store.many(lambda key: store.put(key, b""), keys)
    for version in ("2", "1"):
        yield verdict(
            f"listing.v{version}-pages",
            _difference(store, "listing/many/", keys, version),
            f"{MANY} keys are listed, page by page",
            otherwise=Status.FAILED,
            consequence="programs see a part of the data and take it for the whole",
        )
    yield _folders(store)


def _order(store: Store) -> Finding:
    try:
        found = store.listed(store.prefix + "listing/odd/")
    except LookupError as error:
        return Finding("listing.order", Status.DEGRADED, str(error), "nothing can be compared with what is there")
    return verdict(
        "listing.order",
        None if found == sorted(found, key=str.encode) else "keys come in another order than that of their bytes",
        "keys come in the order of their bytes",
        otherwise=Status.DEGRADED,
        consequence="a listing that continues after a key repeats or leaves out others; sync and resume are not safe",
    )


def _difference(store: Store, prefix: str, wanted: list[str], version: str = "2") -> str | None:
    try:
        found = store.listed(store.prefix + prefix, version)
    except LookupError as error:
        return str(error)
    if missing := set(wanted) - set(found):
        return f"{len(missing)} of {len(wanted)} keys are missing, and the listing says it is whole"
    return f"{len(found) - len(wanted)} keys are listed twice or do not exist" if len(found) != len(wanted) else None


def _folders(store: Store) -> Finding:
    answer = store.send("GET", query={"list-type": "2", "prefix": store.prefix + "listing/", "delimiter": "/"})
    found = set(answer.texts("Prefix")) if answer.ok else set()
    wanted = {f"{store.prefix}listing/{name}/" for name in ("odd", "many")}
    return verdict(
        "listing.folders",
        None if wanted <= found else f"{len(wanted & found)} of {len(wanted)} folders are listed ({answer.said})",
        "keys are grouped at a delimiter",
        otherwise=Status.FAILED,
        consequence="Spark finds no folders and therefore no partitions",
    )
