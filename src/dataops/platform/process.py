"""Runs other programs: their output kept for the error message, long steps never silent."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dataops.errors import UserError

HEARTBEAT_SECONDS = 25.0
TAIL_LINES = 15


def run(
    cmd: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    log: Path | None = None,
    stdin: str | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return it with its output.

    Args:
        cmd: Program and arguments; there is no shell in between.
        env: Added to this process's environment.
        cwd: Working directory.
        log: Everything printed is also appended to this file.
        stdin: Text given to the program.
        check: Turn a non-zero exit, or a program that is not there, into a UserError.

    Returns:
        The finished process, `stdout` and `stderr` as text.
    """
    words = [str(word) for word in cmd]
    environment = {**os.environ, **env} if env else None
    try:
        done = subprocess.run(words, env=environment, cwd=cwd, input=stdin, text=True, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise UserError(f"{error.filename} was not found; install it or put it on PATH.") from error
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(words)}\n{done.stdout}{done.stderr}")
    if check and done.returncode:
        raise UserError(_failure(words, done, log))
    return done


def _failure(words: list[str], done: subprocess.CompletedProcess[str], log: Path | None) -> str:
    tail = "\n".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-TAIL_LINES:])
    where = f" (all of it is in {log})" if log else ""
    return f"`{' '.join(words[:4])}{' ...' if len(words) > 4 else ''}` ended with {done.returncode}{where}:\n{tail}"


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print `==> title`, a line at least every half minute while the block runs, and how long it took.

    Args:
        title: What is being done, as a person would say it.
    """
    begin = time.monotonic()
    finished = threading.Event()

    def beat() -> None:
        while not finished.wait(HEARTBEAT_SECONDS):
            _say(f"    ... {title} ({time.monotonic() - begin:.0f} s)")

    _say(f"==> {title}")
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    outcome = "failed after"
    try:
        yield
        outcome = "done in"
    finally:
        finished.set()
        thread.join()
        _say(f"    {outcome} {time.monotonic() - begin:.1f} s")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
