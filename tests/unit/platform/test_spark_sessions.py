"""`dataops spark`: what a driver tells about its sessions, and what is said of those that do not answer."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dataops.errors import UserError
from dataops.platform.spark.history import explain_stored
from dataops.platform.spark.sessions import PROGRAM, Session, sessions, show, stop
from tests.unit.platform.fakes import environment
from tests.unit.spark.test_executors import ALICE, executor

PATIENCE_SECONDS = 60
# a session in a process of its own, with its page, whose Python outlives its JVM as a notebook does
DRIVER = """
import sys
from dataops.config import Settings
from dataops.spark.session import create_spark_session
spark = create_spark_session("mine", settings=Settings.model_construct(spark_master_url="local[1]"))
spark.range(1).collect()
print(spark.sparkContext.applicationId, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[str]:
    """The id of a running application."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", DRIVER], text=True, cwd=tmp_path, **pipes) as process:
        assert process.stdout and process.stdin
        yield process.stdout.readline().strip()
        process.stdin.close()


def ask(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, PROGRAM, *words], capture_output=True, text=True, check=False)


def test_a_session_is_described_and_ended(driver: str) -> None:
    (one,) = [one for one in json.loads(ask().stdout) if one["application"] == driver]
    assert (one["name"], one["running_jobs"]) == ("mine", 0) and 0 <= one["idle_seconds"] < PATIENCE_SECONDS
    assert ask("local-0").stderr == "local-0 does not run here any more\n"
    assert driver in ask().stdout
    done = ask(driver)
    assert done.returncode == 0, done.stderr
    deadline = time.monotonic() + PATIENCE_SECONDS
    while driver in ask().stdout:
        assert time.monotonic() < deadline


class FakeCluster:
    """One namespace with a notebook that holds one session with executors and one without, and a driver that hangs."""

    said: list[dict[str, Any]] = [
        {"application": "spark-1", "name": "notebook", "running_jobs": 0, "idle_seconds": 600.0},
        {"application": "spark-9", "name": "notebook", "running_jobs": 2, "idle_seconds": 0.0},
    ]
    pods: list[dict[str, Any]] = [ALICE, executor("spark-1", ALICE["metadata"]["name"]), executor("spark-2", "hangs")]

    def __init__(self) -> None:
        self.ended: list[tuple[str, str, str]] = []

    @property
    def core(self) -> Any:
        def listed(namespace: str, **_: Any) -> Any:
            return SimpleNamespace(data=json.dumps({"items": self.pods if namespace == "dataops-users" else []}))

        return SimpleNamespace(list_namespaced_pod=listed)

    def execute(self, namespace: str, pod: str, command: list[str]) -> str:
        if pod != ALICE["metadata"]["name"]:
            raise UserError("no answer")
        self.ended += [(namespace, pod, word) for word in command[3:]]
        return json.dumps(self.said)


def test_sessions_with_and_without_executors_are_found() -> None:
    cluster: Any = FakeCluster()
    found = {one.held.application: one for one in sessions(cluster, environment())}
    assert set(found) == {"spark-1", "spark-2", "spark-9"}
    assert (found["spark-1"].held.owner, found["spark-1"].held.running) == ("alice.smith", 1)
    assert (found["spark-9"].held.owner, found["spark-9"].held.memory) == ("alice.smith", 0)
    assert found["spark-2"].idle_seconds is None


def test_one_is_ended_in_its_drivers_pod() -> None:
    cluster: Any = FakeCluster()
    assert stop(cluster, environment(), "spark-9").held.owner == "alice.smith"
    assert cluster.ended == [("dataops-users", ALICE["metadata"]["name"], "spark-9")]


def test_an_unknown_one_is_named_with_those_that_run() -> None:
    cluster: Any = FakeCluster()
    with pytest.raises(UserError, match="no session spark-7 runs; running: spark-1, spark-2, spark-9"):
        stop(cluster, environment(), "spark-7")
    assert not cluster.ended


def test_the_table_says_what_each_does(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    cluster: Any = FakeCluster()
    show(sessions(cluster, environment()))
    shown = capsys.readouterr().out
    for words in ("10 min", "2 jobs run", "no answer", "3 sessions hold 2 cores and 2.0 GiB"):
        assert words in shown


class HistoryServer:
    """A cluster whose history server reads logs."""

    def __init__(self, phase: str) -> None:
        self.phase = phase
        self.asked: list[Any] = []

    @property
    def core(self) -> Any:
        pod = SimpleNamespace(metadata=SimpleNamespace(name="history-1"), status=SimpleNamespace(phase=self.phase))

        def listed(namespace: str, label_selector: str) -> Any:
            self.asked.append((namespace, label_selector))
            return SimpleNamespace(items=[pod])

        return SimpleNamespace(list_namespaced_pod=listed)

    def execute(self, *asked: Any) -> str:
        self.asked.append(asked)
        return "because\n"


def test_a_stored_log_is_explained_where_its_key_is() -> None:
    cluster: Any = HistoryServer("Running")
    assert explain_stored(cluster, environment(), "spark-1") == "because\n"
    assert cluster.asked == [
        ("dataops", "app.kubernetes.io/name=spark,app.kubernetes.io/component=history"),
        ("dataops", "history-1", ["python", "-m", "dataops.spark.report", "spark-1"], 300),
    ]


def test_a_history_server_that_does_not_run_is_said() -> None:
    cluster: Any = HistoryServer("Pending")
    with pytest.raises(UserError, match="the history server does not run in dataops: see `make status`"):
        explain_stored(cluster, environment(), "spark-1")


def test_an_empty_place_shows_an_empty_table(capsys: pytest.CaptureFixture[str]) -> None:
    nobody: list[Session] = []
    show(nobody)
    assert "0 sessions hold 0 cores and 0.0 GiB" in capsys.readouterr().out
