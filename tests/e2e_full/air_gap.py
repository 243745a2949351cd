"""A network of its own, from which only the node's address can be reached, and a mirror that serves a bundle in it."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cluster.settings import ADDRESS
from dataops.platform.process import run
from tests.e2e.verbs import ROOT
from tests.unit.tls import Certificates, make_certificates

NAME = "dataops-air-gap"
INSIDE, OUTSIDE = "10.98.77.2", "10.98.77.1"
MIRROR = "https://127.0.0.1:8443"  # nobody else is in that network
PATIENCE_SECONDS = 30
# what this machine knows of the world: a command behind the gap is told its mirrors anew
WORLDLY = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "GOPROXY")


@contextmanager
def gap() -> Iterator[None]:
    """Make the network and remove it; its one route leads to the node, and there is no other."""
    run(["ip", "netns", "add", NAME])
    try:
        run(["ip", "link", "add", "dataops-gap", "type", "veth", "peer", "name", "eth0", "netns", NAME])
        for words in (f"addr add {OUTSIDE}/30 dev dataops-gap", "link set dataops-gap up"):
            run(["ip", *words.split()])
        up = ("addr add", f"{INSIDE}/30 dev eth0"), ("link set", "eth0 up"), ("link set", "lo up")
        for verb, rest in (*up, ("route add", f"{ADDRESS}/32 via {OUTSIDE}")):
            run(["ip", "-netns", NAME, *verb.split(), *rest.split()])
        yield
    finally:
        run(["ip", "netns", "del", NAME])  # and the pair of links with it


def inside(command: Sequence[str | Path]) -> list[str | Path]:
    """A command as it runs behind the gap."""
    return ["nsenter", f"--net=/run/netns/{NAME}", *command]


def environment(**settings: str | Path) -> dict[str, str]:
    """This process's environment without its ways to packages, and with these settings."""
    kept = {name: value for name, value in os.environ.items() if name not in WORLDLY and "proxy" not in name.lower()}
    return {**kept, **{name: str(value) for name, value in settings.items()}}


def behind_gap(command: Sequence[str | Path], folder: Path, **settings: str | Path) -> str:
    """Run a command behind the gap and return what it said; a failure is the test's."""
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    words = [str(word) for word in inside(command)]
    done = subprocess.run(
        words, cwd=folder, env=environment(**settings), text=True, stdout=pipe, stderr=both, check=False
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


@contextmanager
def mirror(bundle: Path, folder: Path) -> Iterator[tuple[Certificates, Path]]:
    """Serve a bundle behind the gap, and yield the server's certificates and its log of requests."""
    certificates, log = make_certificates(folder), folder / "mirror.log"
    command = inside([ROOT / ".venv/bin/python", ROOT / "tests/e2e_full/inside/mirror.py", bundle, folder])
    with log.open("w") as requests:
        server = subprocess.Popen([str(word) for word in command], stdout=requests, stderr=requests)
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while "ready" not in log.read_text(encoding="utf-8"):
                assert server.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
                time.sleep(0.1)
            yield certificates, log
        finally:
            server.terminate()
            server.wait()


def copy_of_checkout(target: Path) -> Path:
    """The checkout as Git would hand it to somebody, with what is not committed yet."""
    names = run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"]).stdout.splitlines()
    here = [name for name in names if (ROOT / name).is_symlink() or (ROOT / name).exists()]
    run(["tar", "--create", "--file", target / "checkout.tar", "--directory", ROOT, *here])
    (target / "checkout").mkdir()
    run(["tar", "--extract", "--file", target / "checkout.tar", "--directory", target / "checkout"])
    return target / "checkout"
