"""What tests of the check share: settings of a store on loopback, and reports compared with what was reviewed."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dataops.config import Settings
from dataops.s3.check import Report, Status
from dataops.s3.check.probes import listing, multipart
from dataops.testing.faulty_s3 import FaultyS3

EXPECTED = Path(__file__).parent / "expected"


def settings_of(store: FaultyS3, **changed: Any) -> Settings:
    """The settings of whoever may use the store."""
    values: dict[str, Any] = {
        "s3_endpoint_url": store.url,
        "s3_access_key_id": SecretStr(store.access_key),
        "s3_secret_access_key": SecretStr(store.secret_key),
    }
    return Settings.model_construct(**values | changed)


def statuses(report: Report) -> dict[str, str]:
    """How everything is, by name; whatever is not well says what follows."""
    silent = [one.name for one in report.findings if one.status is not Status.OK and not one.consequence]
    assert not silent, f"no consequence is told for {silent}"
    return {one.name: one.status.value for one in report.findings}


def expected(name: str) -> dict[str, Any]:
    """A reviewed expectation."""
    found: dict[str, Any] = json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let listings and uploads be short: the faulty store ends its listings after 100 keys."""
    monkeypatch.setattr(listing, "MANY", 105)
    monkeypatch.setattr(multipart, "MANY", 11)
