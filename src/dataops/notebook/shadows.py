"""Files and packages of a user that have the name of one the platform brings, found before they do harm."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

NAMES = ("dataops", "pyspark", "py4j", "mlflow", "pandas", "numpy", "pyarrow", "boto3", "pydantic", "pyiceberg")


def shadows() -> list[str]:
    """Return a sentence for each name that belongs to another than the platform, or lies beside the notebook."""
    return [sentence for name in NAMES if (sentence := _elsewhere(name) or _beside(name))]


def _elsewhere(name: str) -> str:
    spec = importlib.util.find_spec(name)  # a look-up, which imports nothing
    places = [Path(place) for place in (spec.submodule_search_locations or []) if spec] if spec else []
    places += [Path(spec.origin)] if spec and spec.origin and not places else []
    ours = [Path(sys.prefix), Path(__file__).parents[2]]
    if not places or any(place.is_relative_to(one) for place in places for one in ours):
        return ""
    return f"{name} comes from {places[0]} and not from the platform: remove or rename that, then restart the kernel."


def _beside(name: str) -> str:
    here = [one for one in (Path.cwd() / f"{name}.py", Path.cwd() / name / "__init__.py") if one.exists()]
    if not here or here[0].is_relative_to(Path(__file__).parents[2]):
        return ""
    return f"{here[0]} has the name of a package of the platform, which is used instead: rename yours to import it."
