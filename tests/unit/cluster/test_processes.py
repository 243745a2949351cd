"""Processes are known by id and start time, so that nobody else's is ever stopped."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.processes import Program, Supervisor, start_time
from dataops.errors import UserError


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path)
    yield made
    made.stop("sleeper")


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process of somebody else."""
    with subprocess.Popen(["/bin/sleep", "60"]) as process:
        yield process
        process.kill()


def sleeper(seconds: str = "60") -> Program:
    return Program("sleeper", ["/bin/sleep", seconds], ready=lambda: True)


def test_a_second_start_changes_nothing(supervisor: Supervisor) -> None:
    assert supervisor.ensure(sleeper())
    first = supervisor.running("sleeper")
    assert not supervisor.ensure(sleeper())
    assert supervisor.running("sleeper") == first


def test_a_changed_command_restarts(supervisor: Supervisor) -> None:
    supervisor.ensure(sleeper("60"))
    first = supervisor.running("sleeper")
    assert supervisor.ensure(sleeper("61"))
    assert first and supervisor.running("sleeper") not in (None, first)
    assert start_time(first[0]) is None


def test_a_changed_configuration_changes_the_digest() -> None:
    assert sleeper().digest != Program("sleeper", ["/bin/sleep", "60"], ready=lambda: True, depends="new").digest


def test_stop_ends_the_process(supervisor: Supervisor) -> None:
    supervisor.ensure(sleeper())
    found = supervisor.running("sleeper")
    supervisor.stop("sleeper")
    assert found and start_time(found[0]) is None
    assert supervisor.running("sleeper") is None


def test_a_stranger_with_the_same_id_is_left_alone(supervisor: Supervisor, stranger: subprocess.Popen[bytes]) -> None:
    supervisor.records.mkdir()
    record = {"pid": stranger.pid, "started": "an-earlier-boot/123", "digest": ""}
    (supervisor.records / "sleeper.json").write_text(json.dumps(record))
    assert supervisor.running("sleeper") is None
    supervisor.stop("sleeper")
    assert stranger.poll() is None


def test_what_ended_before_it_was_recorded_does_not_run(supervisor: Supervisor) -> None:
    supervisor.records.mkdir()
    gone = json.dumps({"pid": 2**22 + 1, "started": None, "digest": ""})  # no process ever has such an id
    (supervisor.records / "sleeper.json").write_text(gone)
    assert supervisor.running("sleeper") is None


def test_a_program_that_dies_is_reported_with_its_log(supervisor: Supervisor) -> None:
    broken = Program("sleeper", ["/bin/sh", "-c", "echo reason; exit 3"], ready=lambda: False)
    with pytest.raises(UserError, match=r"sleeper did not start.*sleeper\.log"):
        supervisor.ensure(broken)
    assert "reason" in (supervisor.logs / "sleeper.log").read_text()
