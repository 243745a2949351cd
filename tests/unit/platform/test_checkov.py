"""What checkov says is either mended or an exception with a reason; an exception that is idle goes."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from dataops.errors import UserError
from dataops.platform import checkov, helm

ROOT = Path(__file__).resolve().parents[3]
ALLOWED = yaml.safe_load((ROOT / checkov.EXCEPTIONS).read_text(encoding="utf-8"))["skip-check"]


def says(monkeypatch: pytest.MonkeyPatch, *ids: str, unread: int = 0, kinds: int = 2) -> None:
    """Let checkov find these."""
    failed = [
        {"check_id": each, "check_name": "a rule", "resource": "Pod.dataops.web", "file_path": "/web.yaml"}
        for each in ids
    ]
    reports = [
        {"check_type": kind, "results": {"failed_checks": failed}, "summary": {"parsing_errors": unread}}
        for kind in ("kubernetes", "dockerfile")[:kinds]
    ]
    done = subprocess.CompletedProcess([], 0, json.dumps(reports))
    monkeypatch.setattr(checkov, "run", lambda *_, **__: done)
    monkeypatch.setattr(helm, "template", lambda *_: "kind: Pod\nmetadata: {name: web}\n")


def test_what_is_allowed_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, *ALLOWED)
    checkov.check(ROOT)


def test_a_finding_is_named_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, *ALLOWED, "CKV_K8S_20")
    with pytest.raises(UserError) as error:
        checkov.check(ROOT)
    assert str(error.value).splitlines()[1:] == ["       CKV_K8S_20 a rule: Pod.dataops.web in /web.yaml"]


def test_an_idle_exception_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, *ALLOWED[1:])
    with pytest.raises(
        UserError, match=f"checkov finds nothing for {ALLOWED[0]} any more: delete it from .checkov.yaml"
    ):
        checkov.check(ROOT)


@pytest.mark.parametrize(("unread", "kinds"), [(1, 2), (0, 1)])
def test_a_file_that_was_not_read_is_no_success(monkeypatch: pytest.MonkeyPatch, unread: int, kinds: int) -> None:
    says(monkeypatch, *ALLOWED, unread=unread, kinds=kinds)
    with pytest.raises(UserError, match="checkov did not read every chart and Dockerfile"):
        checkov.check(ROOT)


def test_exceptions_are_few_and_say_why() -> None:
    entries = [
        line
        for name in (".checkov.yaml", ".hadolint.yaml")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("- ")
    ]
    assert len(entries) <= 8 and all("  # " in line for line in entries)


def test_no_exception_hides_beside_what_it_excuses() -> None:
    looked_at = [path for folder in ("images", "charts") for path in (ROOT / folder).rglob("*") if path.is_file()]
    hidden = [path for path in looked_at if re.search(rb"hadolint +ignore|checkov(:|\.io/)skip", path.read_bytes())]
    assert looked_at and not hidden, f"{hidden}: exceptions stand in {checkov.EXCEPTIONS} and .hadolint.yaml only"
