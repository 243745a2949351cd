"""A spare goes to one kernel with the same settings, whole, and to nobody else."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dataops.config import Settings
from dataops.jupyter import handover

KEY = "k" * 64


@pytest.fixture
def offered(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A spare that is offered, with the end of its pipe that shows whether anybody holds the other one."""
    listener = handover.listen(tmp_path / "private" / "spare")
    reader, writer = os.pipe()
    over = threading.Event()

    def offer() -> None:
        handover.offer(listener, KEY, 4711, "secret", writer, lambda: not over.is_set())
        listener.close()
        os.close(writer)

    thread = threading.Thread(target=offer)
    thread.start()
    yield tmp_path / "private" / "spare", reader
    over.set()
    thread.join()
    os.close(reader)


def test_two_kernels_never_share_one(offered: tuple[Path, int]) -> None:
    with ThreadPoolExecutor(8) as kernels:
        taken = list(kernels.map(lambda _: handover.take(offered[0], KEY), range(8)))
    assert [one for one in taken if one] == [(4711, "secret")]


def test_the_taker_holds_the_pipe(offered: tuple[Path, int]) -> None:
    assert handover.take(offered[0], KEY)
    os.set_blocking(offered[1], False)
    with pytest.raises(BlockingIOError):  # nothing to read, and not the end
        os.read(offered[1], 1)
    os.close(handover._pipes.pop())
    os.set_blocking(offered[1], True)
    assert os.read(offered[1], 1) == b""


def test_other_settings_get_none(offered: tuple[Path, int]) -> None:
    assert handover.take(offered[0], "x" * 64) is None
    assert handover.take(offered[0], KEY)


def test_a_caller_that_says_nothing_blocks_nobody_for_long(offered: tuple[Path, int]) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(offered[0]))
        silent.close()
        assert handover.take(offered[0], KEY)


def test_where_there_is_no_spare_nothing_is_waited_for(tmp_path: Path) -> None:
    assert handover.take(tmp_path / "none", KEY) is None


def test_only_this_account_may_enter(offered: tuple[Path, int]) -> None:
    assert offered[0].parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("name", "value"), [("AWS_SECRET_ACCESS_KEY", "other"), ("SPARK_PROFILE", "large"), ("JAVA_TOOL_OPTIONS", "-Da=b")]
)
def test_what_a_jvm_reads_at_its_start_makes_another_fingerprint(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    before = handover.fingerprint(Settings.load())
    monkeypatch.setenv("JPY_SESSION_NAME", "another notebook")
    assert handover.fingerprint(Settings.load()) == before
    monkeypatch.setenv(name, value)
    assert handover.fingerprint(Settings.load()) != before


def test_a_kernel_loads_nothing_of_the_servers() -> None:
    code = "import sys, dataops.jupyter.handover; print([name for name in sys.modules if name.startswith('tornado')])"
    shown = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
