"""Sessions of one server share the executors of its profile: what others hold is left to them until they end."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dataops.config import Settings
from dataops.jupyter import handover
from dataops.notebook import share

OTHER = """
import sys
from pathlib import Path
from dataops.notebook import share
print(share.take(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])[0], flush=True)
sys.stdin.read()
"""
K8S = Settings.model_construct(spark_master_url="k8s://https://kubernetes.default.svc", spark_profile="medium")
MOST = "spark.dynamicAllocation.maxExecutors"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Where the kernels of a server find each other; this process gives back what it took."""
    monkeypatch.setattr(handover, "jupyter_runtime_dir", lambda: str(tmp_path))
    monkeypatch.setenv("JPY_PARENT_PID", "7")
    yield tmp_path / "dataops-7" / "executors"
    while share._held:
        share._held.pop().close()


@contextmanager
def kernel(folder: Path, most: int, name: str) -> Iterator[int]:
    """Another kernel of the server, which ends by force; how many executors it may have."""
    command = [sys.executable, "-c", OTHER, str(folder), str(most), name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield int(process.stdout.readline())
        process.kill()


def test_who_comes_first_may_have_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert share.options(K8S) == {MOST: "4"} == share.options(K8S)
    assert capsys.readouterr().out == ""
    with kernel(folder, 4, "late.ipynb") as late:
        assert late == 1


def test_who_comes_later_is_told_who_has_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with kernel(folder, 3, "first.ipynb") as first:
        assert first == 3 and share.options(K8S) == {MOST: "1"}
    said = capsys.readouterr().out
    assert "may have 1 of the 4 executors of your server; your other kernels hold: first.ipynb 3." in said
    assert share.options(K8S) == {MOST: "4"}, "a kernel that was killed holds nothing"


def test_there_is_always_one(folder: Path) -> None:
    with kernel(folder, 4, "first.ipynb"), kernel(folder, 4, "second.ipynb") as second:
        assert second == 1 and share.options(K8S) == {MOST: "1"}


@pytest.mark.parametrize(("master", "server"), [("local[*]", "7"), (K8S.spark_master_url, None)])
def test_without_executors_or_a_server_there_is_nothing_to_share(
    monkeypatch: pytest.MonkeyPatch, master: str, server: str | None
) -> None:
    if server is None:
        monkeypatch.delenv("JPY_PARENT_PID")
    assert share.options(K8S.model_copy(update={"spark_master_url": master})) == {}
