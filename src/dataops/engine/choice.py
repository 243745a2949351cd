"""Which engine runs a job: the one that it is told, else by the bytes it reads."""

import os
from dataclasses import dataclass
from typing import Literal, get_args

from dataops.config import Settings
from dataops.errors import UserError
from dataops.notebook.limits import limits

_SHARE = 6  # files of Parquet take several times their size as Arrow, and what is computed needs room, too
Engine = Literal["single", "spark"]
Told = Literal["auto", "single", "spark"]


@dataclass(frozen=True)
class Choice:
    """An engine and, for the log, why it is this one."""

    engine: Engine
    reason: str


def choose(input_bytes: int, told: str | None = None, settings: Settings | None = None) -> Choice:
    """Return the engine for that many stored bytes.

    Args:
        input_bytes: what the job reads, as it is stored.
        told: `single` or `spark` decide by themselves; `auto` and nothing leave it to the bytes.
        settings: where the limit stands; by default what the environment says, else it follows from the memory here.

    Raises:
        UserError: the engine told is none of these.
    """
    if told == "single":
        return Choice("single", "told: single")
    if told == "spark":
        return Choice("spark", "told: spark")
    if told not in (None, "", "auto"):
        raise UserError(f"--engine is {told!r}; give one of {', '.join(get_args(Told))}")
    limit, named = _limit(settings or Settings.load())
    if input_bytes <= limit:
        return Choice("single", f"{input_bytes} bytes to read, at most {named} ({limit})")
    return Choice("spark", f"{input_bytes} bytes to read, more than {named} ({limit})")


def _limit(settings: Settings) -> tuple[int, str]:
    if settings.single_engine_max_bytes is not None:
        return settings.single_engine_max_bytes, "SINGLE_ENGINE_MAX_BYTES"
    memory = limits().memory or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return memory // _SHARE, f"1/{_SHARE} of the memory here"
