"""Drivers and executors that are killed while they publish: readers see one complete version, a rerun repairs it."""

import json
from collections.abc import Callable

import pytest

from dataops.config import Settings
from tests.integration.full.readers import reader
from tests.integration.full.upkeep import look_after

TABLE = "silver.killed"
DRIVERS = 10


@pytest.mark.timeout(1800)
def test_a_killed_publication_is_whole_or_not_there(
    sign_in: Callable[[str], Settings], spark: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("job")
    seen: list[str] = []
    with reader(TABLE, seen):
        out = spark("job", "-m", "tests.integration.programs.publish_killed", patience=1700)
    assert not seen
    kills = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert len(kills) >= DRIVERS and {kill["seen"] for kill in kills} == {"old", "new"}, kills
    assert out.rstrip().endswith("both sides landed\nanother executor did it")
    removed = look_after(monkeypatch, TABLE)
    assert all(removed.values()), f"kills left nothing to remove, so this proves nothing: {removed}"
