"""Publishing when store or catalog is lost at any step: readers see one complete version, and a rerun repairs it."""

import json
from collections.abc import Callable

import pytest

from dataops.config import Settings
from tests.integration.full.readers import reader
from tests.integration.full.upkeep import look_after

POINTS = 20


@pytest.mark.timeout(3600)
def test_a_publication_cut_off_anywhere_is_whole_or_not_there(
    sign_in: Callable[[str], Settings], spark: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("job")
    seen: list[str] = []
    with reader("silver.replaced", seen), reader("silver.appended", seen):
        program = "tests.integration.programs.publish_faults"
        out = spark("job", "-m", program, patience=3500)
    assert not seen
    sweeps = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert sum(sweep["points"] for sweep in sweeps) >= POINTS and all(sweep["points"] for sweep in sweeps), sweeps
    assert any(sweep["failed"] for sweep in sweeps), sweeps
    assert out.rstrip().endswith("both sides landed")
    look_after(monkeypatch, "silver.replaced", "silver.appended")
