"""The node's processes: started once, known again for certain, stopped without ever hitting a stranger."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from dataops.errors import UserError

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
START_TIME_FIELD = 19  # of /proc/<pid>/stat, counted after the program's name


@dataclass(frozen=True)
class Program:
    """One process of the node.

    Attributes:
        name: Name of its log and of its record.
        command: Program and arguments.
        ready: Tells whether it answers.
        environment: All of its environment beside PATH and HOME.
        depends: Anything else whose change must restart it, such as the text of its configuration.
    """

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    depends: str = ""

    @property
    def digest(self) -> str:
        """Changes when the process would have to be started differently."""
        program = os.path.realpath(self.command[0])  # a new version is another file
        wanted = [program, list(self.command), dict(self.environment), self.depends]
        return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()


def start_time(pid: int) -> str | None:
    """When a process began, in a form that differs for every process this machine ever ran; none if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else f"{BOOT_ID.read_text(encoding='utf-8').strip()}/{fields[START_TIME_FIELD]}"


class Supervisor:
    """Starts and stops programs and remembers them in a folder.

    Args:
        state: Folder for records (`run/`) and logs (`log/`).
        cgroup_files: A started process writes its id into each, which puts it into those cgroups.
    """

    def __init__(self, state: Path, cgroup_files: Sequence[Path] = ()) -> None:
        self.records = state / "run"
        self.logs = state / "log"
        self.cgroup_files = cgroup_files

    def running(self, name: str) -> tuple[int, str] | None:
        """The process id and digest of a program that this supervisor started and that still runs."""
        path = self.records / f"{name}.json"
        if not path.is_file():
            return None
        record = json.loads(path.read_text(encoding="utf-8"))
        # none if it ended before its beginning could be read
        same = record["started"] is not None and start_time(record["pid"]) == record["started"]
        return (record["pid"], record["digest"]) if same else None

    def ensure(self, program: Program, timeout: float = 180) -> bool:
        """Start a program unless it runs as wanted, and wait until it answers.

        Returns:
            Whether anything had to be started.
        """
        found = self.running(program.name)
        started = found is None or found[1] != program.digest
        if started:
            self.stop(program.name)
            self._start(program)
        deadline = time.monotonic() + timeout
        while not program.ready():
            if self.running(program.name) is None or time.monotonic() > deadline:
                raise UserError(f"{program.name} did not start: the reason is in {self.logs / program.name}.log")
            time.sleep(0.1)
        return started

    def stop(self, name: str, grace: float = 20) -> None:
        """End a program of ours and forget it; a stranger with its old process id is left alone."""
        if found := self.running(name):
            deadline = time.monotonic() + grace
            with suppress(ProcessLookupError):  # it may end by itself at any moment
                os.kill(found[0], signal.SIGTERM)
                while self.running(name):
                    if time.monotonic() > deadline:
                        os.kill(found[0], signal.SIGKILL)
                    time.sleep(0.05)
        (self.records / f"{name}.json").unlink(missing_ok=True)

    def _start(self, program: Program) -> None:
        for folder in (self.records, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        entering = "".join(f"echo $$ >{path}; " for path in self.cgroup_files)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", **program.environment}
        with (self.logs / f"{program.name}.log").open("ab") as log:
            process = subprocess.Popen(
                ["/bin/sh", "-c", f'{entering}exec "$@"', "sh", *program.command],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        record = {"pid": process.pid, "started": start_time(process.pid), "digest": program.digest}
        (self.records / f"{program.name}.json").write_text(json.dumps(record), encoding="utf-8")
