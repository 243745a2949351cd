"""Keeps Python from looking for garbage where there is none, which takes a good part of a small job's time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# modules and plans are tens of thousands of small objects that stay; by itself Python looks after every 700 new ones
_NEW_OBJECTS = 100_000


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for garbage only after very many new objects, until this ends."""
    before = gc.get_threshold()
    gc.set_threshold(_NEW_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
