"""The probe of the flow matrix sees red: what is open, refused or silent is told apart, and compared cell by cell."""

import socket
from collections.abc import Iterator

import pytest

from dataops.platform.flows import Flow, Flows, Kind, matrix
from tests.e2e.inside import reach as inside
from tests.e2e.inside.reach import OPEN, SILENT, attempt, reach
from tests.e2e.probes import differences
from tests.matrix import allowed, ends, ports
from tests.unit.platform.fakes import environment

A_MOMENT = 0.2


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Somebody who listens, with room for one caller who waits."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as one:
        yield one


def test_open_refused_and_silent_are_told_apart(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "address", {"127.0.0.1": "127.0.0.1"}.get)
    where = listener.getsockname()
    with socket.create_server(("127.0.0.1", 0)) as gone:
        closed = gone.getsockname()
    assert attempt({"first": where, "closed": closed}, A_MOMENT) == {"first": OPEN, "closed": "ECONNREFUSED"}
    # the first caller still waits to be let in, and a full queue drops the next as a policy would
    assert reach({"second": where, "nobody": ("nowhere", 1)}, A_MOMENT) == {
        "second": SILENT,
        "nobody": "no such name",
    }


def test_every_kind_of_difference_is_told() -> None:
    wanted = {("a", "b 1"): True, ("a", "b 2"): False, ("a", "b 3"): False, ("a", "b 4"): True, ("a", "b 5"): False}
    seen = {("a", "b 1"): SILENT, ("a", "b 2"): OPEN, ("a", "b 3"): "ECONNREFUSED", ("a", "c 1"): SILENT}
    assert differences(wanted, seen) == [
        "a -> b 1: timed out, should be open",
        "a -> b 2: open, should be timed out",
        "a -> b 3: ECONNREFUSED, should be timed out",
        "a -> b 4: not tried, should be open",
        "a -> b 5: not tried, should be timed out",
        "a -> c 1: timed out, should be not tried",
    ]
    assert differences({("a", "b 1"): True, ("a", "b 2"): False}, {("a", "b 1"): OPEN, ("a", "b 2"): SILENT}) == []


SMALL = Flows(
    {
        "page": Kind("page", "servers", {"app": "page"}, None),
        "store": Kind("store", None, {}, "s3"),
        "work": Kind("work", "jobs", {"app": "work"}, None),
    },
    (Flow("page", ("80-90",), ("work",)), Flow("work", (), ("work",)), Flow("store", ("database.port",), ("page",))),
    (5353,),
)


def test_the_table_has_a_row_for_each_sender() -> None:
    assert matrix(SMALL).splitlines()[2:] == [
        "| page | servers | store |",
        "| work | jobs | page 80-90 · work any port |",
    ]


def test_cells_follow_the_list() -> None:
    place = environment()
    everybody = ends(SMALL, place)
    assert ports(SMALL, place) == [79, 80, 90, 91, 5353, 5432, 40404]
    found = {
        (sender.name, receiver.name, port)
        for sender in everybody
        for receiver in everybody
        for port in ports(SMALL, place)
        if allowed(SMALL, place, sender, receiver, port)
    }
    anywhere = {("work", "work", port) for port in ports(SMALL, place)}
    assert found == {("work", "page", 80), ("work", "page", 90), *anywhere}
    assert [end.name for end in everybody if end.name.startswith("stranger")] == [
        "stranger in dataops",
        "stranger in dataops-jobs",
        "stranger in dataops-users",
    ]
