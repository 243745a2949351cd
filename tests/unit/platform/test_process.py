"""Programs are run with their output kept, and long steps say so."""

from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform import process


def test_output_input_and_environment() -> None:
    done = process.run(["sh", "-c", "cat; echo $WORD >&2"], stdin="in", env={"WORD": "set"})
    assert (done.stdout, done.stderr, done.returncode) == ("in", "set\n", 0)


def test_a_failure_shows_the_end_of_the_output_and_the_log(tmp_path: Path) -> None:
    log = tmp_path / "deep" / "x.log"
    with pytest.raises(UserError, match=rf"ended with 3 \(all of it is in {log}\):\nreason"):
        process.run(["sh", "-c", "echo reason >&2; exit 3"], log=log)
    assert "reason" in log.read_text()
    assert process.run(["false"], check=False).returncode == 1


def test_a_missing_program_is_named() -> None:
    with pytest.raises(UserError, match="no-such-program was not found"):
        process.run(["no-such-program"])


def test_a_step_is_never_silent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(process, "HEARTBEAT_SECONDS", 0.05)
    with process.step("Boiling water"):
        process.run(["sleep", "0.2"])
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "==> Boiling water"
    assert "... Boiling water" in lines[1]
    assert lines[-1].startswith("    done in")


def test_a_failed_step_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError), process.step("Falling"):
        process.run(["false"])
    assert "failed after" in capsys.readouterr().err
