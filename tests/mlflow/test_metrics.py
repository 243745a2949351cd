"""Metrics logged in loops: all of them arrive, in order, whatever ends the run; and what does not arrive is said."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.mlflow.alice import API, admin
from tests.mlflow.people import PATIENCE_SECONDS, result, run, start
from tests.mlflow.server import Server, free_port, served

COUNT = 2500  # more than two batches
IMPATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
LOOP = """
from dataops.mlflow import configured, flush, log_metric, start_run

mlflow = configured()
def loop(first=0):
    for step in range(first, first + {count}):
        log_metric("loss", 1 / (step + 1), step)
"""
ENDS = {
    "the block's end": "with start_run() as run:\n    print(run.info.run_id, flush=True)\n    loop()",
    "an exception": "with start_run() as run:\n    print(run.info.run_id, flush=True)\n    loop()\n    1 / 0",
    "the kernel's end": "run = mlflow.start_run()\nprint(run.info.run_id, flush=True)\nloop()",
}


def history(server: Server, run_id: str) -> list[dict[str, Any]]:
    """Every value of the run's metric, as the server has it, in the order of steps."""
    found, token = [], ""
    while token is not None:
        page = f"run_id={run_id}&metric_key=loss&max_results=25000&page_token={token}"
        answer = admin(server).get(f"{API}/metrics/get-history?{page}").json()
        found += answer.get("metrics", [])
        token = answer.get("next_page_token")
    return sorted(found, key=lambda one: int(one.get("step", 0)))


def status(server: Server, run_id: str) -> str:
    """How the run ended."""
    return str(admin(server).get(f"{API}/runs/get", params={"run_id": run_id}).json()["run"]["info"]["status"])


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_lost_at(server: Server, tmp_path: Path, end: str) -> None:
    run_id = result(server.as_notebook("carol"), LOOP.format(count=COUNT) + ENDS[end], tmp_path)
    found = history(server, run_id)
    assert [one["value"] for one in found] == [1 / (step + 1) for step in range(COUNT)]
    times = [int(one["timestamp"]) for one in found]
    assert times == sorted(times)
    assert status(server, run_id) == ("FAILED" if end == "an exception" else "FINISHED")


def test_when_the_block_has_ended_everything_is_there(server: Server, tmp_path: Path) -> None:
    code = """
with start_run() as run:
    loop()
print(len(mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")))
"""
    assert result(server.as_notebook("carol"), LOOP.format(count=COUNT) + code, tmp_path) == str(COUNT)


def test_two_runs_in_turn_keep_what_is_theirs(server: Server, tmp_path: Path) -> None:
    code = """
with start_run() as outer:
    log_metric("loss", 1.0, 1)
    with mlflow.start_run(nested=True) as inner:
        log_metric("loss", 2.0, 2)
    log_metric("loss", 3.0, 3)
print(outer.info.run_id, inner.info.run_id)
"""
    outer, inner = result(server.as_notebook("carol"), LOOP.format(count=0) + code, tmp_path).split()
    assert [one["value"] for one in history(server, outer)] == [1.0, 3.0]
    assert [one["value"] for one in history(server, inner)] == [2.0]


def test_a_bad_name_is_refused_at_its_line_and_takes_nobody_along(server: Server, tmp_path: Path) -> None:
    code = """
with start_run() as run:
    log_metric("loss", 1.0, 1)
    for name, value in (("a?b", 1.0), ("loss", "high")):
        try:
            log_metric(name, value)
        except (mlflow.MlflowException, ValueError) as error:
            print(type(error).__name__)
print(run.info.run_id)
"""
    out, _ = run(server.as_notebook("carol"), LOOP.format(count=0) + code, tmp_path)
    lines = [line for line in out.splitlines() if line[0].isascii()]
    assert lines[:2] == ["MlflowException", "ValueError"]
    assert [one["value"] for one in history(server, lines[2])] == [1.0]


def test_without_a_run_the_fix_is_named(server: Server, tmp_path: Path) -> None:
    _, err = run(server.as_notebook("carol"), LOOP.format(count=1) + "loop()", tmp_path)
    assert err.splitlines()[-1].endswith("no run is active; log metrics inside of `with dataops.mlflow.start_run():`")


def line(process: "subprocess.Popen[str]") -> str:
    """The next line that a process prints."""
    assert process.stdout
    return process.stdout.readline().strip()


def go_on(process: "subprocess.Popen[str]") -> None:
    """Let a process that waits for a line go on."""
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_server_that_was_away_gets_everything_and_its_absence_is_said(tmp_path: Path) -> None:
    code = """
run = mlflow.start_run()
print(run.info.run_id, flush=True)
loop()
input()
loop({count})
try:
    flush()
except Exception as error:
    print(error, flush=True)
input()
flush()
"""
    port = free_port()
    with served(tmp_path, port) as server:
        person = start(server.as_notebook("carol") | IMPATIENT, (LOOP + code).format(count=COUNT), tmp_path)
        run_id = line(person)
    go_on(person)
    sentence = line(person)
    assert sentence.startswith(f"MLflow at {server.url} does not answer; everything but MLflow still works,")
    assert sentence.endswith(" values wait to be sent")
    with served(tmp_path, port) as server:
        go_on(person)
        _, err = person.communicate(timeout=PATIENCE_SECONDS)
        assert len(history(server, run_id)) == 2 * COUNT, err


def test_what_mlflow_never_got_is_said_at_the_kernels_end(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        code = "run = mlflow.start_run()\nprint('started', flush=True)\ninput()\nloop()"
        person = start(server.as_notebook("carol") | IMPATIENT, LOOP.format(count=10) + code, tmp_path)
        assert line(person) == "started"
    go_on(person)
    _, err = person.communicate(timeout=PATIENCE_SECONDS)
    assert f"MLflow at {server.url} does not answer" in err and "10 values wait to be sent" in err
