"""One DataFrame API, PySpark's, on one machine (DuckDB) or on Spark, chosen by the bytes that a job reads."""

from dataops.engine.choice import Choice, Engine, Told, choose
from dataops.engine.frames import frame, parquet
from dataops.engine.inputs import input_bytes
from dataops.engine.sessions import session
from dataops.engine.window import Window

__all__ = ["Choice", "Engine", "Told", "Window", "choose", "frame", "input_bytes", "parquet", "session"]
