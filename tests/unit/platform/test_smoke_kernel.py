"""A kernel as checks use it: what its cells show, and the end of a kernel, which no answer to the cell tells."""

import json
from typing import Any

import pytest
import websocket

from dataops.platform.smoke.context import CheckFailed
from dataops.platform.smoke.hub import Kernel


class Channel:
    """A websocket that answers a cell with the messages it was given."""

    def __init__(self, answers: list[dict[str, Any]]) -> None:
        self._answers, self.asked = answers, dict[str, Any]()

    def send(self, text: str) -> None:
        """Take the cell."""
        self.asked = json.loads(text)

    def recv(self) -> str:
        """Give the next message; to the cell, unless it says to whom."""
        parent = {"msg_id": self.asked["header"]["msg_id"]}
        return json.dumps({"parent_header": parent, **self._answers.pop(0)})

    def close(self) -> None:
        """Be closed."""


def message(kind: str, **content: Any) -> dict[str, Any]:
    """A message of a kernel."""
    return {"msg_type": kind, "content": content}


IDLE = message("status", execution_state="idle")


def ran(monkeypatch: pytest.MonkeyPatch, *answers: dict[str, Any], **how: Any) -> tuple[str, dict[str, Any]]:
    """What a cell showed, and what the kernel was asked."""
    channel = Channel(list(answers))
    monkeypatch.setattr(websocket, "create_connection", lambda *_, **__: channel)
    shown = Kernel("ws://hub", "token", None).run("1 + 1", 5, **how)
    return shown, channel.asked["content"]


def test_what_a_cell_shows_comes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = {**message("stream", text="of another cell"), "parent_header": {"msg_id": "other"}}
    waits, is_there = ({"text/plain": word} for word in ("asking", "you are ada"))
    banner = (message("display_data", data=waits), message("update_display_data", data=is_there))
    shown, asked = ran(monkeypatch, stranger, message("stream", text="2"), *banner, IDLE, by_hand=True)
    assert shown.split("\n") == ["2", "asking", "you are ada"] and asked["store_history"] is True


def test_a_check_leaves_no_history(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, asked = ran(monkeypatch, IDLE)
    assert shown == "" and asked["store_history"] is False


@pytest.mark.parametrize("word", ["restarting", "dead"])
def test_the_end_of_the_kernel_is_not_waited_out(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    ended = {**message("status", execution_state=word), "parent_header": {}}
    with pytest.raises(CheckFailed, match="the kernel ended during the cell"):
        ran(monkeypatch, message("status", execution_state="busy"), ended)


def test_an_error_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CheckFailed, match="the notebook failed with NameError: name 'x' is not defined"):
        ran(monkeypatch, message("error", ename="NameError", evalue="name 'x' is not defined"))
