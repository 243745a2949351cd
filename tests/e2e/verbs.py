"""The verbs of the Makefile, run as a person runs them."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make(verb: str, folder: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a verb as a person does; what it says is part of the test's output, while it says it.

    Args:
        verb: The verb.
        folder: The checkout that it is run in.
        settings: Variables, over this process's own.

    Returns:
        The finished process with all it said as its output.
    """
    command, environment, said = ["make", verb], {**os.environ, "ENV": "local", **settings}, []
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, cwd=folder, env=environment, text=True, stdout=pipe, stderr=both) as running:
        assert running.stdout
        for line in running.stdout:
            print(line, end="", flush=True)
            said.append(line)
    return subprocess.CompletedProcess(command, running.returncode, "".join(said))
