"""Keeps Python from looking for garbage where there is none, which takes a good part of a small job's time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

# modules and plans are hundreds of thousands of small objects; by itself Python looks after every 700 new ones
_NEW_OBJECTS = 500_000
_usual: list[tuple[int, int, int]] = []
"""Python's own thresholds, once for everybody who has asked for others."""

_ONE = Lock()


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for garbage only after very many new objects, until the last one ends who asked for that."""
    with _ONE:
        _usual.append(_usual[0] if _usual else gc.get_threshold())
        gc.set_threshold(_NEW_OBJECTS, *_usual[0][1:])
    try:
        yield
    finally:
        with _ONE:
            usual = _usual.pop()
            if not _usual:
                gc.set_threshold(*usual)
