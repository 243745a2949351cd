"""What a user's server hands to terminals and kernels, and what it keeps from itself."""

import os
from pathlib import Path

import pytest

from dataops.jupyter import surroundings


def test_packages_of_ones_own_are_for_what_the_server_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/opt/venv/bin:/usr/bin")
    monkeypatch.setenv("PYTHONNOUSERSITE", "1")
    surroundings.open_user_site()
    assert "PYTHONNOUSERSITE" not in os.environ
    assert os.environ["PATH"] == f"/opt/venv/bin:/usr/bin:{tmp_path}/.local/bin", "the image's own programs come first"
