"""The queue of metrics: what is sent together, what waits, what is given up, and what is said once."""

from __future__ import annotations

import logging
import os
import threading

import pytest
from mlflow.entities import Metric, RunTag
from mlflow.exceptions import MlflowException

from dataops.errors import UserError
from dataops.mlflow import _sender
from dataops.mlflow._sender import BATCH, Sender

DOWN = MlflowException("API request to http://mlflow failed with exception")
REFUSED = MlflowException.invalid_parameter_value("no such run")
Sent = list[tuple[str, list[float]]]


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Sender:
    """A sender whose thread does not run, so that the test alone decides when something is sent."""
    monkeypatch.setattr(Sender, "_start", lambda self: None)
    return Sender()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What arrives at the server, batch by batch."""
    batches: Sent = []

    def take(run_id: str, items: list[Metric | RunTag]) -> None:
        batches.append((run_id, [float(item.value) for item in items]))

    monkeypatch.setattr(_sender, "_send", take)
    return batches


def fail(monkeypatch: pytest.MonkeyPatch, error: MlflowException) -> None:
    """Let the server fail from now on."""

    def refuse(run_id: str, items: list[Metric | RunTag]) -> None:
        raise error

    monkeypatch.setattr(_sender, "_send", refuse)


def add(sender: Sender, run_id: str, *values: float) -> None:
    """Queue values of a run."""
    for value in values:
        sender.add(run_id, Metric("loss", value, 1, 0))


def test_a_batch_is_of_one_run_and_not_too_large(sender: Sender, sent: Sent) -> None:
    add(sender, "a", *range(BATCH + 1))
    add(sender, "b", 7)
    add(sender, "a", 8)
    sender.flush()
    assert [(run_id, len(values)) for run_id, values in sent] == [("a", BATCH), ("a", 1), ("b", 1), ("a", 1)]
    assert [value for run_id, values in sent if run_id == "a" for value in values] == [*range(BATCH + 1), 8]


def test_what_was_not_answered_waits_in_its_order(sender: Sender, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    add(sender, "a", 1, 2)
    with monkeypatch.context() as away:
        fail(away, DOWN)
        with pytest.raises(UserError, match="does not answer.*; 2 values wait to be sent"):
            sender.flush()
    add(sender, "a", 3)
    sender.flush()
    assert sent == [("a", [1, 2, 3])]


def test_what_was_refused_is_given_up_and_the_rest_goes_on(
    sender: Sender, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(sender, "gone", 1)
    add(sender, "b", 2)
    with monkeypatch.context() as strict:
        fail(strict, REFUSED)
        with pytest.raises(UserError, match="1 values of run gone are lost: .* refused: no such run"):
            sender.flush()
    sender.flush()
    assert sent == [("b", [2])]


def test_an_outage_is_said_once(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    add(sender, "a", 1)
    fail(monkeypatch, DOWN)
    with caplog.at_level(logging.ERROR):
        sender.flush_or_say()
        sender.flush_or_say()
    assert len(caplog.messages) == 1 and "1 values wait" in caplog.messages[0]


def test_too_many_waiting_are_an_error_of_the_caller(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sender, "BATCH", 2)
    monkeypatch.setattr(_sender, "LIMIT", 3)
    fail(monkeypatch, DOWN)
    add(sender, "a", 1, 2)
    with pytest.raises(UserError, match="3 values wait"):
        add(sender, "a", 3)


def test_a_child_process_sends_only_what_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda self: None)
    sender = Sender()
    sender._start()
    sender._waiting.append(("a", Metric("loss", 1.0, 1, 0)))
    child = os.fork()
    if child == 0:
        os._exit(len(sender._waiting))
    sender._waiting.clear()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
