"""A reader that looks at a table again and again while others write it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dataops.errors import UserError
from dataops.tables import read_pandas

ROWS = 100
"""How many rows each version of a month has."""


@contextmanager
def reader(table: str, faults: list[str]) -> Iterator[None]:
    """Read a table again and again from outside, and note whatever is no complete version."""
    done = threading.Event()

    def look() -> None:
        took = 0.0
        while not done.wait(max(0.2, took)):  # as long as a look takes: others need the machine, too
            begin = time.monotonic()
            try:
                frame = read_pandas(table, ["month", "version"])
            except UserError as error:
                if "there is no table" not in str(error):  # not made yet
                    faults.append(str(error))
                continue
            finally:
                took = time.monotonic() - begin
            counts = set(frame.groupby(["month", "version"]).size())
            months = frame.drop_duplicates(["month", "version"])["month"]
            if counts - {ROWS} or not (table.endswith("appended") or months.is_unique):
                faults.append(f"{table}: {frame.groupby(['month', 'version']).size().to_dict()}")

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
