"""A machine on which no node can run is refused with the reason."""

import os
import socket
from pathlib import Path

import pytest

from cluster import checks
from cluster.cgroups import parse_size
from cluster.network import without_ours
from dataops.errors import UserError


def test_a_taken_port_is_named_with_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(UserError, match=rf"Port {port} is taken by .* \(process {os.getpid()}\)"):
            checks.ports_free([port])
    checks.ports_free([port])


def test_a_full_disk_is_refused_with_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checks.free_disk(tmp_path / "not" / "yet" / "there", wanted_gib=0)
    assert "GiB free" in capsys.readouterr().err
    with pytest.raises(UserError, match="GiB free, the node needs 1000000"):
        checks.free_disk(tmp_path, wanted_gib=1_000_000)


def test_amounts_of_memory() -> None:
    assert (parse_size("8Gi"), parse_size("512Mi"), parse_size("1024")) == (8 * 2**30, 512 * 2**20, 1024)
    with pytest.raises(UserError, match="NODE_MEMORY=8GB"):
        parse_size("8GB")


def test_only_the_nodes_firewall_rules_are_taken_out() -> None:
    saved = (
        "*filter\n:INPUT ACCEPT [0:0]\n:KUBE-NODEPORTS - [0:0]\n:cali-INPUT - [0:0]\n:DOCKER - [0:0]\n"
        '-A INPUT -m comment --comment "cali:Cz_u1IQiXIMmKD4c" -j cali-INPUT\n'
        "-A INPUT -j KUBE-NODEPORTS\n-A FORWARD -j CNI-FORWARD\n-A FORWARD -o docker0 -j DOCKER\nCOMMIT\n"
    )
    assert without_ours(saved) == (
        "*filter\n:INPUT ACCEPT [0:0]\n:DOCKER - [0:0]\n-A FORWARD -o docker0 -j DOCKER\nCOMMIT\n"
    )
