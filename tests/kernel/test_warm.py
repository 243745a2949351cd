"""The spare JVM of a server: the next kernel takes it, nobody else can, and it ends with its owner."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from dataops.jupyter.handover import socket_path
from tests.kernel.conftest import Kernel, started

PID = "spark._jvm.java.lang.ProcessHandle.current().pid()"
GONE_SECONDS = 60


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]


def ended(pid: int) -> bool:
    """Whether a process ends in time; one that only waits to be reaped has ended."""
    status = Path(f"/proc/{pid}/stat")
    end = time.monotonic() + GONE_SECONDS
    while time.monotonic() < end:
        if not status.exists() or status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.2)
    return False


@pytest.fixture
def spare() -> Iterator[subprocess.Popen[bytes]]:
    """A spare of this process, which stands for a Jupyter server; kernels wait for it themselves."""
    path = socket_path(os.getpid())
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "dataops.jupyter.spare", str(path)], stdin=subprocess.PIPE, start_new_session=True
    )
    end = time.monotonic() + GONE_SECONDS
    while not (path.exists() and children(process.pid)):
        assert process.poll() is None and time.monotonic() < end, "the spare did not start"
        time.sleep(0.1)
    yield process
    process.kill()
    process.communicate()


def test_a_kernel_takes_the_spare_and_its_end_is_the_jvms(
    spare: subprocess.Popen[bytes], specs: KernelSpecManager, tmp_path: Path
) -> None:
    (jvm,) = children(spare.pid)
    with started(specs, tmp_path) as kernel:
        assert kernel.run(f"print({PID}, spark.range(3).count())") == (f"{jvm} 3", [])
        assert spare.wait(timeout=GONE_SECONDS) == 0
        assert kernel.run("import os; print([name for name in os.environ if 'GATEWAY' in name])") == ("[]", [])
        kernel.run("spark.range(2).write.parquet('beside-the-notebook')")
        assert (tmp_path / "beside-the-notebook" / "_SUCCESS").exists()
        with started(specs, tmp_path) as second:
            other, _ = second.run(f"print({PID})")
            assert other.isdigit() and int(other) != jvm
        kernel.manager.signal_kernel(signal.SIGKILL)
        assert ended(jvm)


def test_a_spare_nobody_took_ends_with_the_server(spare: subprocess.Popen[bytes]) -> None:
    (jvm,) = children(spare.pid)
    assert spare.stdin is not None
    spare.stdin.close()
    assert spare.wait(timeout=GONE_SECONDS) == 0 and ended(jvm)


def test_a_killed_spare_leaves_no_jvm(spare: subprocess.Popen[bytes]) -> None:
    (jvm,) = children(spare.pid)
    spare.kill()
    assert ended(jvm)


def test_a_spare_whose_jvm_died_ends_with_an_error(spare: subprocess.Popen[bytes]) -> None:
    (jvm,) = children(spare.pid)
    os.kill(jvm, signal.SIGKILL)
    assert spare.wait(timeout=GONE_SECONDS) == 1


def test_the_secret_is_where_only_the_kernel_finds_it(spare: subprocess.Popen[bytes], kernel: Kernel) -> None:
    (jvm,) = children(spare.pid)
    folder = socket_path(os.getpid()).parent
    assert folder.stat().st_mode & 0o777 == 0o700 and [one.name for one in folder.iterdir()] == ["spare"]
    secret, _ = kernel.run("print(spark.sparkContext._gateway.java_parameters.auth_token)")
    assert len(secret) > 20
    own, _ = kernel.run("print(__import__('os').getpid())")
    for pid in (jvm, int(own)):
        for name in ("cmdline", "environ"):
            assert secret.encode() not in Path(f"/proc/{pid}/{name}").read_bytes(), (pid, name)
