"""Several sessions of one machine at once, in one thread and in many."""

import gc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from dataops.engine import functions as F
from dataops.engine.single import single_session


def total(session: Any, number: int) -> int:
    """A few steps over rows of a session of one's own."""
    frame = session.frame(pa.table({"n": [number] * 1000})).withColumn("m", F.col("n") * 2)
    return int(frame.agg(F.sum("m").alias("total")).collect()[0]["total"])


def test_a_session_inside_another_leaves_it_alone() -> None:
    with single_session() as outer:
        frame: Any = outer.frame(pa.table({"n": [1, 2, 3]}))
        with single_session() as inner:
            assert inner is not outer
            assert total(inner, 1) == 2000
        assert frame.where(F.col("n") > 1).count() == 2
        assert total(outer, 2) == 4000


def test_sessions_of_many_threads_do_not_meet() -> None:
    def work(number: int) -> int:
        with single_session() as session:
            return sum(total(session, number) for _ in range(5))

    usual = gc.get_threshold()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(24))) == [5 * 2000 * number for number in range(24)]
    assert gc.get_threshold() == usual
