"""Which engine's functions a transform gets in this process: Spark's, unless a single-machine session is open."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_open: list[ModuleType] = []


@contextmanager
def functions_of(single: ModuleType) -> Iterator[None]:
    """Offer the functions of a single-machine session as long as it is open."""
    _open.append(single)
    try:
        yield
    finally:
        _open.remove(single)


def single_functions() -> ModuleType | None:
    """Return the functions of the open single-machine session, or None where Spark computes."""
    return _open[-1] if _open else None
