"""Objects that are made when something of them is used, so that a kernel starts in a moment."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Lazy:
    """Stands for an object until something of it is used."""

    def __init__(self, name: str, make: Callable[[], Any], kind: Callable[[], Any]) -> None:
        """Remember how to make the object, and how to get its class or itself without making it."""
        self.__dict__.update(_lazy=(name, make, kind))

    def _made(self) -> Any:
        name, make, _ = self.__dict__["_lazy"]
        if "_object" not in self.__dict__:
            self.__dict__["_object"] = make()
            _replace(name, self, self.__dict__["_object"])
        return self.__dict__["_object"]

    def __getattr__(self, attribute: str) -> Any:
        """Make the object and return its attribute."""
        if attribute.startswith("_ipython_") or attribute == "_repr_mimebundle_":
            raise AttributeError(attribute)  # a look at it makes nothing
        return getattr(self._made(), attribute)

    def __dir__(self) -> list[str]:
        """List what it has, for completion; that makes nothing either."""
        return dir(self.__dict__["_lazy"][2]())

    def __repr__(self) -> str:
        """Return what the object shows."""
        return repr(self._made())


def _replace(name: str, lazy: Lazy, real: Any) -> None:
    """From the next cell on the name is the object itself."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is not None and shell.user_ns.get(name) is lazy:
        shell.user_ns[name] = real


def session() -> SparkSession:
    """Return the notebook's Spark session, started at the first call.

    Raises:
        UserError: Java, the master, the store or a setting is missing or wrong.
    """
    from dataops.config import Settings
    from dataops.notebook import warm
    from dataops.spark.session import create_spark_session

    settings = Settings.load()
    warm.attach(settings)
    return create_spark_session("notebook", settings=settings)


@cache
def made() -> dict[str, Any]:
    """Return the lazy objects by their names, the same at every call."""
    return {
        "spark": Lazy("spark", session, lambda: importlib.import_module("pyspark.sql").SparkSession),
        "mlflow": Lazy(
            "mlflow",
            lambda: importlib.import_module("dataops.mlflow").configured(),
            lambda: importlib.import_module("mlflow"),
        ),
    }
