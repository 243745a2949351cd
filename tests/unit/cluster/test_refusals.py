"""A machine or a person that cannot have this cluster is refused in one sentence, and nothing is left behind."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cluster import __main__ as command
from cluster import checks, node, providers
from cluster.settings import PORTS
from dataops.errors import UserError
from dataops.platform import packages

FREE_PORT_HOST = "127.0.0.2"  # of loopback too, where no node listens


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with programs of its own, no state and nothing that a node could be started with."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(node, "STATE", tmp_path / "state")
    monkeypatch.setattr(node, "OWNER", tmp_path / "state/owner")
    for act in ("_start", "_remove"):
        monkeypatch.setattr(node, act, lambda *_: pytest.fail("the machine would be changed"))
    monkeypatch.setattr(packages, "install", lambda *names: pytest.fail(f"{names} would be installed"))
    monkeypatch.delenv("NODE_MEMORY", raising=False)
    return tmp_path


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str) -> str:
    """The last line of a verb that is refused."""
    monkeypatch.setattr(sys, "argv", ["cluster", verb])
    assert command.main() == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("error: ")] == lines[-1:]
    return lines[-1]


@pytest.mark.parametrize("verb", ["up", "down", "status", "images"])
def test_a_node_needs_root(
    verb: str, machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLUSTER", "node")
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    sentence = "error: CLUSTER=node needs Linux and root; elsewhere use CLUSTER=kind with Docker."
    assert said(monkeypatch, capsys, verb) == sentence
    assert not (machine / "state").exists()


@pytest.mark.parametrize("verb", ["up", "down", "status", "images"])
def test_kind_names_what_it_lacks(
    verb: str, machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLUSTER", "kind")
    assert said(monkeypatch, capsys, verb).startswith("error: CLUSTER=kind lacks docker and kind: install what is")
    put(machine, "docker", "exit 1")
    assert said(monkeypatch, capsys, verb).startswith("error: CLUSTER=kind lacks kind: install what is missing")
    put(machine, "kind", "exit 0")
    assert said(monkeypatch, capsys, verb).startswith("error: CLUSTER=kind needs Docker, which does not answer: start")


def put(machine: Path, name: str, line: str) -> None:
    program = machine / "bin" / name
    program.write_text(f"#!/bin/sh\n{line}\n")
    program.chmod(0o755)


def test_a_docker_that_hangs_is_passed_over(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, 20)

    put(machine, "docker", "exit 0")
    put(machine, "kind", "exit 0")
    monkeypatch.delenv("CLUSTER", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert providers.this_machine() == "kind"
    monkeypatch.setattr(subprocess, "run", hang)
    assert providers.this_machine() == "node"


def test_an_unknown_cluster_is_refused_with_the_choice(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLUSTER", "minikube")
    sentence = "error: CLUSTER=minikube is unknown: choose one of current, kind, node"
    assert said(monkeypatch, capsys, "up") == sentence


@pytest.mark.parametrize(
    ("memory", "sentence"),
    [
        ("8GB", "NODE_MEMORY=8GB is not an amount of memory: write it like 8Gi."),
        ("1Gi", "NODE_MEMORY=1Gi leaves nothing for pods: the node itself takes 1.5 GiB, so write 8Gi."),
    ],
)
def test_too_little_memory_is_refused_before_anything_is_made(
    memory: str,
    sentence: str,
    machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CLUSTER", "node")
    monkeypatch.setenv("NODE_MEMORY", memory)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert said(monkeypatch, capsys, "up") == f"error: {sentence}"
    assert not (machine / "state").exists()


@pytest.mark.parametrize("what", ["disk", "port"])
def test_a_full_disk_or_a_taken_port_is_refused_before_anything_is_made(
    what: str, machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise UserError(f"no {what}")

    monkeypatch.setenv("CLUSTER", "node")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(checks, "free_disk", refuse if what == "disk" else lambda *_: None)
    monkeypatch.setattr(checks, "ports_free", refuse)
    assert said(monkeypatch, capsys, "up") == f"error: no {what}"
    assert not (machine / "state").exists()


def test_another_checkouts_node_is_named_and_left_alone(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLUSTER", "node")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    node.OWNER.parent.mkdir()
    node.OWNER.write_text("/srv/other\n")
    for verb in ("up", "down"):
        sentence = "This machine's node belongs to /srv/other: run `make cluster-down` there, or use CI=true here."
        assert said(monkeypatch, capsys, verb) == f"error: {sentence}"
    assert node.OWNER.read_text() == "/srv/other\n"


def test_a_port_of_the_node_is_named_with_what_needs_it() -> None:
    with socket.create_server((FREE_PORT_HOST, 30083)):
        with pytest.raises(UserError, match=r"^Port 30083 is taken by .*; the node needs it for a NodePort of the"):
            checks.ports_free([port for port in PORTS if port == 30083])
