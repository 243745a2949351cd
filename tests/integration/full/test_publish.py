"""Publishing when store or catalog is lost at any step: readers see one complete version, and a rerun repairs it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.tables import load_table, read_pandas

ROWS = 100
POINTS = 20


@contextmanager
def reader(table: str, faults: list[str]) -> Iterator[None]:
    """Read a table again and again from outside, and note whatever is no complete version."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.2):
            try:
                frame = read_pandas(table)
            except UserError as error:
                if "there is no table" not in str(error):  # not made yet
                    faults.append(str(error))
                continue
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


@pytest.mark.timeout(2400)
def test_a_publication_cut_off_anywhere_is_whole_or_not_there(
    sign_in: Callable[[str], Settings], spark: Callable[..., str]
) -> None:
    sign_in("job")
    seen: list[str] = []
    with reader("silver.replaced", seen), reader("silver.appended", seen):
        program = "tests.integration.programs.publish_faults"
        out = spark("job", "-m", program, patience=2300)
    assert not seen
    sweeps = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert sum(sweep["points"] for sweep in sweeps) >= POINTS and all(sweep["points"] for sweep in sweeps), sweeps
    assert any(sweep["failed"] for sweep in sweeps), sweeps
    assert out.rstrip().endswith("both sides landed")
    for table in ("silver.replaced", "silver.appended"):
        assert set(load_table(table).refs()) == {"main"}
