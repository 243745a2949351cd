"""Spark's DataFrame API on DuckDB, by sqlframe, held to what Spark computes; imported only when it computes."""

import gc

from dataops.engine.single.garbage import seldom_collecting

with seldom_collecting():
    from dataops.engine.single.frames import SingleFrame, SingleSession, single_session

gc.freeze()  # what was loaded until now stays: nobody need look through it again, not even when the process ends

__all__ = ["SingleFrame", "SingleSession", "single_session"]
