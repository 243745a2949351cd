"""Objects that are made when something of them is used, so that a kernel starts in a moment."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, get_type_hints

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Lazy:
    """Stands for an object until something of it is called, or is needed that its class cannot tell."""

    def __init__(self, make: Callable[[], Any], kind: Callable[[], Any], name: str = "") -> None:
        """Remember how to make the object, how to get its class or module, and the name that it is bound to."""
        self.__dict__.update(_make=make, _kind=kind, _name=name)

    def _made(self) -> Any:
        known = self.__dict__
        if "_object" not in known:
            known["_object"] = known["_make"]()
            _replace(known["_name"], self, known["_object"])
        return known["_object"]

    def __getattr__(self, attribute: str) -> Any:
        """Return a function that makes the object when it is called; make it for anything else."""
        if attribute.startswith("_ipython_") or attribute == "_repr_mimebundle_":
            raise AttributeError(attribute)
        if "_object" in self.__dict__:
            return getattr(self.__dict__["_object"], attribute)
        kind = self.__dict__["_kind"]()
        if attribute.startswith("__"):  # completion and help ask for these
            return getattr(kind, attribute)
        known = inspect.getattr_static(kind, attribute, None)
        if inspect.isfunction(known):
            return self._later(known)
        inner = _class_of(known)
        if inner is not None:
            return Lazy(lambda: getattr(self._made(), attribute), lambda: inner)
        return getattr(self._made(), attribute)

    def _later(self, function: FunctionType) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            return getattr(self._made(), function.__name__)(*arguments, **named)

        return call

    def __dir__(self) -> list[str]:
        """List what it has, for completion, which makes nothing."""
        return dir(self.__dict__["_kind"]())

    def __repr__(self) -> str:
        """Return what the object shows."""
        return repr(self._made())


def _class_of(known: Any) -> type | None:
    """Return the class of PySpark's that a property says it gives, such as that of `spark.read`."""
    if not isinstance(known, property):
        return None
    try:
        result = get_type_hints(known.fget).get("return")
    except NameError:  # a name that only type checkers know
        return None
    return result if isinstance(result, type) and result.__module__.startswith("pyspark.") else None


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
    from pyspark.sql import SparkSession

    from dataops.config import Settings
    from dataops.notebook import bounds, cells, share, warm
    from dataops.spark.session import create_spark_session

    if running := SparkSession.getActiveSession():
        return running
    settings = Settings.load()
    warm.attach(settings)
    running = create_spark_session("notebook", settings=settings, conf=share.options(settings))
    bounds.guard()
    cells.name_jobs()
    return running


@functools.cache
def made() -> dict[str, Any]:
    """Return the lazy objects by their names, the same at every call."""
    return {
        "spark": Lazy(session, lambda: importlib.import_module("pyspark.sql").SparkSession, "spark"),
        "mlflow": Lazy(
            lambda: importlib.import_module("dataops.mlflow").configured(),
            lambda: importlib.import_module("mlflow"),
            "mlflow",
        ),
    }
