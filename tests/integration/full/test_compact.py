"""Compaction when the catalog is lost at any message: the rows stay, whatever becomes of the files."""

import json
from collections.abc import Callable

import pytest

from dataops.config import Settings
from tests.integration.full.upkeep import look_after


@pytest.mark.timeout(1200)
def test_a_compaction_cut_off_anywhere_changes_no_row(
    sign_in: Callable[[str], Settings], spark: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("job")
    out = spark("job", "-m", "tests.integration.programs.compact_faults", patience=1100)
    sweeps = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert len(sweeps) == 2 and all(sweep["points"] and sweep["failed"] for sweep in sweeps), sweeps
    look_after(monkeypatch, "silver.compacted")
