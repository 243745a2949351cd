"""PySpark's Window for whichever engine computes: `from dataops.engine import Window`."""

from typing import TYPE_CHECKING, Any

from dataops.engine.active import single_functions

if TYPE_CHECKING:
    from pyspark.sql.window import Window as Window
else:

    class _Windows(type):
        def __getattr__(cls, name: str) -> Any:
            if single_functions() is not None:
                from sqlframe.duckdb import Window as single

                return getattr(single, name)
            from pyspark.sql.window import Window as spark

            return getattr(spark, name)

    class Window(metaclass=_Windows):
        """PySpark's Window, or DuckDB's where a single machine computes."""
