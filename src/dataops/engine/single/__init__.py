"""Spark's DataFrame API on DuckDB, by sqlframe, held to what Spark computes; imported only when it computes."""

from dataops.engine.single.garbage import seldom_collecting

with seldom_collecting():
    from dataops.engine.single.frames import SingleFrame, SingleSession, single_session

__all__ = ["SingleFrame", "SingleSession", "single_session"]
