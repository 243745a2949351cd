"""A server that nobody uses: what counts as use, when the page warns, and that it stops."""

import asyncio
import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dataops.jupyter import idle
from dataops.jupyter.idle import Idle

EXTENSION = Path(__file__).parents[3] / "images" / "notebook" / "labextensions" / "dataops-idle"
START = 1_000_000.0
HOUR = 3600.0


class Server:
    """A Jupyter server with a clock of its own."""

    def __init__(self) -> None:
        self.clock = START
        self.stopped = False
        self.log = logging.getLogger("test")
        self.kernels: list[dict[str, str]] = []
        self.terminals: list[dict[str, str]] = []
        self.kernel_manager = SimpleNamespace(list_kernels=lambda: self.kernels)
        self.web_app = SimpleNamespace(settings={"terminal_manager": SimpleNamespace(list=lambda: self.terminals)})

    def now(self) -> float:
        """What the clock says."""
        return self.clock

    def stop(self) -> None:
        """End."""
        self.stopped = True


def at(seconds: float, **more: str) -> dict[str, str]:
    """A kernel or terminal that last did something at a time."""
    return {"last_activity": datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z"), **more}


@pytest.fixture
def server() -> Server:
    """A server that has just started."""
    return Server()


def left(server: Server, rule: Idle, after: float) -> float:
    """The seconds that remain some time after the start."""
    server.clock = START + after
    return rule.left()


def test_without_use_the_time_runs_out(server: Server) -> None:
    rule = Idle(server, HOUR, server.now)
    assert left(server, rule, 3000) == 600 == rule.warn
    assert left(server, rule, 3600) == 0


def test_a_hand_in_the_page_is_use_and_the_page_alone_is_none(server: Server) -> None:
    rule = Idle(server, HOUR, server.now)
    server.clock = START + 3000
    rule.touched(ago=3000)
    assert rule.left() == 600
    rule.touched(ago=5)
    assert rule.left() == 3595
    rule.touched(ago=-1e9)  # a wrong clock keeps it no longer than a hand does
    assert rule.left() == 3600


@pytest.mark.parametrize("what", ["kernels", "terminals"])
def test_work_is_use(server: Server, what: str) -> None:
    rule = Idle(server, HOUR, server.now)
    setattr(server, what, [at(START + 10, execution_state="idle"), at(START + 2000, execution_state="idle")])
    assert left(server, rule, 3000) == 2600


def test_a_cell_that_runs_is_use_however_long(server: Server) -> None:
    rule = Idle(server, HOUR, server.now)
    server.kernels = [at(START, execution_state="busy")]
    assert left(server, rule, 20 * HOUR) == HOUR
    server.kernels = [at(START + 20 * HOUR, execution_state="idle")]
    assert left(server, rule, 21 * HOUR) == 0


def test_the_server_stops_once_the_time_is_over_and_leaves_word(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = tmp_path / "termination-log"
    words.touch()
    monkeypatch.setattr(idle, "CHECK_SECONDS", 0)
    monkeypatch.setattr(idle, "LAST_WORDS", words)
    rule = Idle(server, HOUR, server.now)

    async def run() -> Any:
        watching = asyncio.ensure_future(rule.watch())
        await asyncio.sleep(0.05)
        early = server.stopped, words.read_text()
        server.clock += HOUR
        await watching
        return early, (server.stopped, words.read_text())

    assert asyncio.run(run()) == ((False, ""), (True, "nobody had used it for 60 minutes"))


def test_where_nobody_reads_it_no_word_is_left(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(idle, "LAST_WORDS", tmp_path / "termination-log")
    rule = Idle(server, HOUR, server.now)
    server.clock += HOUR
    asyncio.run(rule.watch())
    assert server.stopped and not list(tmp_path.iterdir())


def test_the_page_finds_the_extension_under_its_name() -> None:
    package = json.loads((EXTENSION / "package.json").read_text())
    assert package["name"] == EXTENSION.name
    entry = (EXTENSION / package["jupyterlab"]["_build"]["load"]).read_text()
    assert f'["{package["name"]}"] = {{' in entry and "dataops/idle" in entry
